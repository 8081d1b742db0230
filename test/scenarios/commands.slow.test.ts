import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayReport } from '../../src/modules/detect/index.ts';
import type { DetectorsAnswer } from '../../src/server/api/detect-types.ts';
import type { ReportsAnswer } from '../../src/server/api/shield-types.ts';
import type { DecisionAnswer } from '../../src/server/api/types.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, follow, rampart, type Running, start, temporaryFolder } from './server.ts';
import { decisionOf, from, SMALL_LIMIT } from './traffic.ts';

const postgres = await postgresService();
afterAll(cleanUp);

const NOBODY = 'dec_00000000000000000000000000';

describe('commands that speak to the running server, at length', { timeout: 120_000 }, () => {
  let server: Running;
  let id: string;
  beforeAll(async () => {
    server = await start({ dir: await preparedFolder(), config: SMALL_LIMIT });
    let answer = await server.send(from('198.51.100.1'));
    for (let i = 0; i < 5; i++) answer = await server.send(from('198.51.100.1'));
    id = decisionOf(answer) ?? '';
    await eventually(
      () => server.ask('GET', `/admin/decisions/${id}`),
      ({ status }) => status === 200,
    );
  });

  it('events hold places, lists and lifts what must be kept', async () => {
    const hold = (...args: readonly string[]) => rampart(['events', 'hold', ...args], server.dir);
    const all = await hold('add', '--reason', 'all of it');
    expect([all.code, all.err]).toEqual([2, expect.stringContaining('a hold on everything is none')]);
    const placed = await hold(
      'add',
      '--type',
      'REQUEST_REFUSED',
      '--from',
      '2026-01-01',
      '--reason',
      'case 4711',
    );
    expect([placed.code, placed.out]).toEqual([0, expect.stringMatching(/^hld_\w+: in force\./)]);
    const id = placed.out.split(':')[0] ?? '';
    const listed = await hold('list');
    expect(listed.out).toMatch(/^hold +state +who +event +time +placed by +reason\n/);
    expect(listed.out).toMatch(
      new RegExp(`${id} +in force +everybody +REQUEST_REFUSED .* operator, .* case 4711`),
    );
    expect((await hold('remove', id)).out).toBe(`${id}: lifted\n`);
    const again = await hold('remove', id);
    expect([again.code, again.err]).toEqual([1, 'rampart: The legal hold was lifted before.\n']);
    const { body } = await server.ask<{ events: readonly { type: string; subject: string }[] }>(
      'GET',
      '/admin/events?type=LEGAL_HOLD_PLACED&type=LEGAL_HOLD_LIFTED',
    );
    expect(body.events.map(({ type, subject }) => [type, subject])).toEqual([
      ['LEGAL_HOLD_LIFTED', id],
      ['LEGAL_HOLD_PLACED', id],
    ]);
  });

  it('events list --follow tells what there is, oldest first, and then what happens, each once', async () => {
    const following = follow(
      ['events', 'list', '--type', 'REQUEST_REFUSED', '--json', '--follow'],
      server.dir,
    );
    const told = () => following.lines().map((line) => (JSON.parse(line) as { id: string }).id);
    await expect.poll(told, { timeout: 60_000 }).not.toEqual([]);
    const before = told();
    await server.send(from('198.51.100.1'));
    await expect.poll(() => told().length, { timeout: 60_000 }).toBe(before.length + 1);
    await server.send(from('198.51.100.1'));
    await expect.poll(() => told().length, { timeout: 60_000 }).toBe(before.length + 2);
    expect(told().slice(0, before.length)).toEqual(before);
    expect(told()).toEqual([...new Set(told())].toSorted());
    expect((await following.stop()).signal).toBe('SIGTERM');
  });

  it('why --json prints the record', async () => {
    const said = await rampart(['why', '--json', id], server.dir);
    const record = JSON.parse(said.out) as DecisionAnswer;
    expect([said.code, record.id, record.verdict]).toEqual([0, id, 'deny']);
  });

  it('why reports what should have passed', async () => {
    const said = await rampart(['why', id, '--report', 'an office with one address'], server.dir);
    expect([said.code, said.out]).toEqual([0, expect.stringMatching(/^Reported as fal_\w+ by operator at /)]);
    const { body } = await server.ask<ReportsAnswer>('GET', `/admin/shield/reports?decision=${id}`);
    expect(body.reports).toMatchObject([{ note: 'an office with one address', guard: 'limit:admit' }]);
  });

  it('why says of an id that nobody gave out that there is none', async () => {
    const said = await rampart(['why', NOBODY], server.dir);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toBe('rampart: There is no decision of this id, or it is no longer kept.\n');
  });

  it.each([
    [['why']],
    [['why', 'nonsense']],
    [['why', `${NOBODY}x`]],
    [['why', NOBODY, 'more']],
    [['link', '--loud']],
    [['whye', NOBODY]],
  ])('%j is wrong usage: exit code 2, and where to read more', async (args) => {
    const said = await rampart(args, server.dir);
    expect([said.code, said.out]).toEqual([2, '']);
    expect(said.err).toMatch(/^error: /);
    expect(said.err).toContain('--help');
  });

  it('every command has a help page', async () => {
    const commands = [
      [],
      ['start'],
      ['init'],
      ['link'],
      ['why'],
      ['migrate'],
      ['simulate'],
      ['doctor'],
      ['detect'],
      ['audit'],
    ];
    const helped = async (args: readonly string[]): Promise<void> => {
      const said = await rampart([...args, '--help'], server.dir);
      expect([args, said.code]).toEqual([args, 0]);
      expect(said.out).toContain(`Usage: ${['rampart', ...args].join(' ')}`);
    };
    await Promise.all(commands.map(helped));
  });

  it('audit signs, exports and verifies through the running server, and names what was changed', async () => {
    const link = new URL((await rampart(['link'], server.dir)).out.trim());
    await server.send({
      method: 'POST',
      path: '/admin/session',
      headers: { host: link.host, 'content-type': 'application/json' },
      body: JSON.stringify({ setupToken: link.hash.slice('#token='.length) }),
    });
    const signed = await rampart(['audit', 'checkpoint'], server.dir);
    expect([signed.code, signed.err]).toEqual([0, '']);
    const key = signed.out.trim().split('\n').at(-1) ?? '';
    expect(key).toMatch(/^rampart\/audit\/[0-9a-f]{16}\+/);
    const bundle = join(server.dir, 'audit.jsonl');
    const exported = await rampart(['audit', 'export', '--to', bundle], server.dir);
    expect([exported.code, exported.err]).toEqual([0, '']);
    writeFileSync(
      `${bundle}.changed`,
      readFileSync(bundle, 'utf8').replace('"SETUP_LINK_USED"', '"SETUP_LINK_LOST"'),
    );
    // Elsewhere, where there is neither a server nor a data folder.
    const elsewhere = (args: readonly string[]) => rampart(['audit', 'verify', ...args], temporaryFolder());
    const [here, fine, changed, keyless] = await Promise.all([
      rampart(['audit', 'verify', '--json'], server.dir),
      elsewhere([bundle, '--key', key]),
      elsewhere([`${bundle}.changed`, '--key', key]),
      elsewhere([bundle]),
    ]);
    expect([here.code, fine.code, changed.code, keyless.code]).toEqual([0, 0, 1, 2]);
    expect(JSON.parse(here.out)).toMatchObject({ ok: true });
    expect(fine.out).toContain('The log is what was signed.');
    expect(changed.out).toMatch(/The first event that is wrong: \d+\.\n/);
    const range = join(server.dir, 'range.jsonl');
    const proven = await rampart(['audit', 'proof', '--from', '0', '--to', '0', '--out', range], server.dir);
    expect([proven.code, proven.out]).toEqual([0, `${range}: 1 events\n`]);
    const [right, unfit, uncovered] = await Promise.all([
      elsewhere([range, '--key', key]),
      rampart(['audit', 'proof', '--from', '2', '--to', '1'], server.dir),
      rampart(['audit', 'proof', '--from', '0', '--to', '99999'], server.dir),
    ]);
    expect(right.out).toContain('Events 0 to 0 are what was signed.');
    expect([right.code, unfit.code, uncovered.code]).toEqual([0, 2, 1]);
    expect(uncovered.err).toContain('No checkpoint covers these events yet.');
    expect(keyless.err).toContain('--key');
  });

  it('detect tells of an attack within a second, and its replay finds what was found live', async () => {
    for (const q of [
      "1' UNION SELECT name FROM users--",
      '<script>alert(1)</script>',
      '../../../../etc/passwd',
    ])
      await server.send(from('198.51.100.77', { path: `/sample/menu?q=${encodeURIComponent(q)}` }));
    const { body } = await eventually(
      () => server.ask<DetectorsAnswer>('GET', '/admin/detectors'),
      (answer) => answer.body.detectors.some(({ fired }) => fired > 0),
    );
    expect(body.detectors.filter(({ fired }) => fired > 0).map(({ name, fired }) => [name, fired])).toEqual([
      ['injection_classes', 1],
    ]);
    const [listed, shown, replayed, other] = await Promise.all([
      rampart(['detect', 'list'], server.dir),
      rampart(['detect', 'show', 'injection_classes'], server.dir),
      rampart(['detect', 'replay', '--since', '1h', '--json'], server.dir),
      rampart(['detect', 'replay', '--rule', 'nonsense'], server.dir),
    ]);
    expect(listed.out).toContain('brute_force_by_address');
    expect(shown.out).toContain('3 different details.class in 10m; by network');
    expect([replayed.code, replayed.err, other.code]).toEqual([0, '', 2]);
    const report = JSON.parse(replayed.out) as ReplayReport;
    expect(report.rules.filter(({ detections }) => detections > 0)).toMatchObject([
      { rule: 'injection_classes', detections: 1, top: [{ key: 'network=198.51.100.77' }] },
    ]);
  });

  it('detect tries rules of a file that are not in force yet', async () => {
    const file = join(server.dir, 'rules.ts');
    const rule = `{ title: 'Any injection', description: 'x y z', on: ['INJECTION_ATTEMPT'], window: '1h', severity: 'LOW' }`;
    writeFileSync(file, `export default { any_injection: ${rule} };`);
    const said = await rampart(['detect', 'replay', '--file', file, '--since', '1h', '--json'], server.dir);
    expect([said.code, said.err]).toEqual([0, '']);
    expect((JSON.parse(said.out) as ReplayReport).rules).toMatchObject([
      { rule: 'any_injection', detections: 1 },
    ]);
  });

  it('migrate leaves the database of a running server alone, and names the process', async () => {
    const said = await rampart(['migrate'], server.dir);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toContain(`process ${server.pid}`);
  });
});

describe('commands without a server, at length', { timeout: 120_000 }, () => {
  it('link and why say how to start one', async () => {
    for (const args of [['link'], ['why', NOBODY]]) {
      const said = await rampart(args, temporaryFolder());
      expect([said.code, said.out]).toEqual([1, '']);
      expect(said.err).toContain("'rampart start'");
      expect(said.err).toContain('RAMPART_DATA_DIR');
    }
  });

  it('migrate makes an embedded database, and leaves it as it is the second time', async () => {
    const dir = temporaryFolder();
    const first = await rampart(['migrate'], dir);
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/^applied /);
    expect(await rampart(['migrate'], dir)).toEqual({
      code: 0,
      out: 'The database is up to date.\n',
      err: '',
    });
  });

  describe.skipIf(postgres.absent !== undefined)('on PostgreSQL', () => {
    let drop: (() => Promise<void>) | undefined;
    afterEach(() => drop?.());

    it('migrate may run on several machines at once: one applies, all succeed', async () => {
      const database = await temporaryDatabase(postgres.url as string);
      drop = () => database.drop();
      const env = { DATABASE_URL: database.url };
      const said = await Promise.all([1, 2, 3].map(() => rampart(['migrate'], temporaryFolder(), env)));
      expect(said.map(({ code, err }) => [code, err])).toEqual([
        [0, ''],
        [0, ''],
        [0, ''],
      ]);
      expect(said.filter(({ out }) => out.includes('applied '))).toHaveLength(1);
    });
  });
});
