import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Examined, examine } from '../../src/server/cli/doctor/examine.ts';
import { migrations } from '../../src/server/data/index.ts';
import { migrate, openServer } from '../../src/stores/postgres/index.ts';
import { postgresService, redisService, temporaryDatabase } from '../../src/testing/services.ts';

const MODULE = pathToFileURL(resolve('src/server/cli/doctor.ts')).href;
const NOW_MS = 1_795_000_000_000;
const postgres = await postgresService();
const redis = await redisService();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const look = (env: Record<string, string> = {}): Promise<readonly Examined[]> =>
  examine({ RAMPART_DATA_DIR: join(folder, 'data'), RAMPART_PORT: '0', ...env }, folder, NOW_MS, () =>
    Promise.resolve({ memoryKib: 65_536, passes: 3, measuredMs: 200, withinTarget: true }),
  );
const of = (examined: readonly Examined[], check: string): Examined => {
  const found = examined.find((one) => one.check === check);
  if (!found) throw new Error(`${check} was not looked at`);
  return found;
};
const levelsOf = (examined: readonly Examined[], check: string): readonly string[] =>
  of(examined, check).findings.map(({ level }) => level);

it('finds no problem in an empty folder', async () => {
  const examined = await look();
  expect(examined.flatMap(({ findings }) => findings).filter(({ level }) => level !== 'info')).toEqual([]);
  expect(of(examined, 'database').fine).toBe('embedded');
});

it.each([
  ['export default { limits: { api: { max: 0, window: "1m", by: "ip" } } }', /limits\.api\.max/],
  ['export default { limit: {} }', /limit: unknown option; did you mean 'limits'/],
  ['export default 3', /exports no configuration/],
  ['export default {', /cannot be loaded/],
])('names the mistake in %s', async (text, expected) => {
  const path = join(folder, 'rampart.config.mjs');
  writeFileSync(path, text);
  const { findings } = of(await look(), 'configuration');
  expect(findings).toMatchObject([{ level: 'error', remedy: `Mend it in ${path}.` }]);
  expect(findings[0]?.text).toMatch(expected);
});

describe('accounts', () => {
  const servers: SMTPServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise<void>((done) => server.close(() => done()));
  });
  /** Takes one password, and counts what it is asked to send. */
  async function mailServer(): Promise<{ port: number; sent: () => number }> {
    let sent = 0;
    const server = new SMTPServer({
      logger: false,
      disableReverseLookup: true,
      allowInsecureAuth: true,
      onAuth: ({ password }, _session, done) =>
        password === 'right' ? done(null, { user: 'us' }) : done(new Error('no, not hush-hush')),
      onMailFrom: (_address, _session, done) => {
        sent += 1;
        done();
      },
    });
    server.on('error', () => undefined);
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return { port: (server.server.address() as AddressInfo).port, sent: () => sent };
  }

  it('are told how strong this machine could hash', async () => {
    const { findings, fine } = of(await look(), 'password hashing');
    expect(fine).toBe('Argon2id with 19 MiB, 2 passes takes about 40 ms');
    expect(findings).toMatchObject([
      { level: 'info', remedy: expect.stringMatching(/memoryKib: 65536, passes: 3/) },
    ]);
  });

  it('reach their mail server, sign in there and send nothing', async () => {
    const { port, sent } = await mailServer();
    const examined = await look({ RAMPART_SMTP_URL: `smtp://us:right@127.0.0.1:${port}` });
    expect(of(examined, 'mail')).toEqual({
      check: 'mail',
      fine: `127.0.0.1:${port} takes us`,
      findings: [],
    });
    expect(sent()).toBe(0);
  });

  it('say why the mail server does not take them, and keep its password to themselves', async () => {
    const { port } = await mailServer();
    const wrong = of(await look({ RAMPART_SMTP_URL: `smtp://us:hush-hush@127.0.0.1:${port}` }), 'mail');
    expect(wrong.findings).toMatchObject([
      { level: 'error', text: expect.stringMatching(/535/), remedy: expect.stringMatching(/password/) },
    ]);
    const absent = of(await look({ RAMPART_SMTP_URL: 'smtp://us:hush-hush@127.0.0.1:1' }), 'mail');
    expect(absent.findings[0]?.text).toMatch(/127\.0\.0\.1:1 does not take us: ECONNREFUSED/);
    expect(JSON.stringify([wrong, absent])).not.toMatch(/hush/);
  });

  it('are named with their mistake, and looked at no further', async () => {
    writeFileSync(
      join(folder, 'rampart.config.mjs'),
      'export default { identity: { passwords: { hash: { passes: 99 } } } }',
    );
    const examined = await look();
    expect(of(examined, 'configuration').findings[0]?.text).toMatch(/^identity\.passwords\.hash\.passes/);
    expect(examined.map(({ check }) => check)).not.toContain('password hashing');
  });

  it('are not looked at where there are none', async () => {
    writeFileSync(join(folder, 'rampart.config.mjs'), 'export default { trustProxy: false }');
    const checks = (await look()).map(({ check }) => check);
    expect(checks).not.toContain('mail');
    expect(checks).toContain('clock');
  });

  it('need mails in production', async () => {
    const examined = await look({ NODE_ENV: 'production', RAMPART_PUBLIC_URL: 'https://app.example.com' });
    const errors = of(examined, 'settings').findings.filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([{ remedy: expect.stringMatching(/RAMPART_SMTP_URL/) }]);
  });
});

it('sees that the clock went back', async () => {
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  const file = join(folder, 'data', 'secret.key');
  writeFileSync(file, 'x', { mode: 0o600 });
  utimesSync(file, NOW_MS / 1000, NOW_MS / 1000);
  expect(levelsOf(await look(), 'clock')).toEqual([]);
  utimesSync(file, NOW_MS / 1000 + 600, NOW_MS / 1000 + 600);
  const { findings } = of(await look(), 'clock');
  expect(findings).toMatchObject([{ level: 'warning', text: expect.stringMatching(/10 minutes later/) }]);
});

it('finds a configuration beside the sources, and says when the named one is absent', async () => {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/rampart.config.ts'), 'export default { trustProxy: false as const };');
  expect(of(await look(), 'configuration')).toMatchObject({
    findings: [],
    fine: expect.stringContaining('src'),
  });
  expect(levelsOf(await look({ RAMPART_CONFIG: 'other.ts' }), 'configuration')).toEqual(['error']);
});

it('goes no further than a variable that cannot be read', async () => {
  const examined = await look({ RAMPART_PORT: 'http' });
  expect(examined.map(({ check }) => check)).toEqual(['Node.js and memory', 'environment']);
  expect(of(examined, 'environment').findings[0]?.text).toMatch(/RAMPART_PORT/);
});

it.skipIf(process.platform === 'win32')(
  'sees who may read the secret, and who left the folder locked',
  async () => {
    const data = join(folder, 'data');
    mkdirSync(join(data, 'journal'), { recursive: true });
    writeFileSync(join(data, 'secret.key'), 'x');
    writeFileSync(join(data, 'journal/lock.json'), JSON.stringify({ pid: 1, host: 'another' }));
    chmodSync(data, 0o700);
    chmodSync(join(data, 'secret.key'), 0o644);
    expect(levelsOf(await look(), 'data folder')).toEqual(['error', 'warning']);
  },
);

it('sees that the port is taken by somebody else', async () => {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  expect(levelsOf(await look({ RAMPART_PORT: String(port) }), 'port')).toEqual(['error']);
  await new Promise<void>((closed) => server.close(() => closed()));
  expect(levelsOf(await look({ RAMPART_PORT: String(port) }), 'port')).toEqual([]);
  expect(levelsOf(await look({ RAMPART_HOST: '203.0.113.7' }), 'port')).toEqual(['error']);
});

it('asks the running server what it saw, and counts its port and its lock as its own', async () => {
  const totals = { allowed: 400, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };
  const answers: Readonly<Record<string, unknown>> = {
    '/livez': {},
    '/admin/stats/overview': { totals, topAddresses: [{ value: '10.1.2.3', requests: 400, refused: 0 }] },
    '/admin/events': { events: [{ atMs: NOW_MS - 60_000 }], nextBefore: null },
  };
  const server = createHttpServer((request, response) => {
    const known = answers[(request.url ?? '').split('?')[0] ?? ''];
    const mayAsk = request.url === '/livez' || request.headers.authorization === 'Bearer key-of-doctor';
    response.statusCode = known !== undefined && mayAsk ? 200 : 401;
    response.end(JSON.stringify(known ?? {}));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const data = join(folder, 'data');
  mkdirSync(join(data, 'journal'), { recursive: true, mode: 0o700 });
  writeFileSync(join(data, 'journal/lock.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(data, 'operator.json'), JSON.stringify({ url, key: 'key-of-doctor', pid: 1 }));
  const examined = await look({ RAMPART_PORT: String(port) });
  await new Promise<void>((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
  expect(levelsOf(examined, 'client addresses')).toEqual(['warning', 'warning']);
  expect(of(examined, 'client addresses').findings[1]?.text).toMatch(/10\.1\.2\.3/);
  expect(levelsOf(examined, 'port')).toEqual([]);
  expect(of(examined, 'port').fine).toMatch(/used by the server/);
  expect(levelsOf(examined, 'data folder')).toEqual([]);
  const after = await look({ RAMPART_PORT: '0' });
  expect(of(after, 'data folder').findings[0]?.text).toMatch(/does not answer/);
});

it('says why stores do not answer, and keeps their passwords to itself', async () => {
  const examined = await look({
    DATABASE_URL: 'postgres://user:hush-hush@127.0.0.1:1/x',
    REDIS_URL: 'redis://:hush-hush@127.0.0.1:1',
  });
  expect(levelsOf(examined, 'database')).toEqual(['error']);
  expect(levelsOf(examined, 'Redis')).toEqual(['error']);
  expect(of(examined, 'Redis').findings[0]?.text).toMatch(/ECONNREFUSED/);
  expect(JSON.stringify(examined)).not.toMatch(/hush/);
});

it.skipIf(redis.absent !== undefined)('asks Redis for its version and its clock', async () => {
  const { fine, findings } = of(await look({ REDIS_URL: redis.url ?? '' }), 'Redis');
  expect(fine).toMatch(/version \d+\.\d+/);
  expect(findings.filter(({ text }) => /clock|cannot be used/.test(text))).toEqual([]);
});

describe.skipIf(postgres.absent !== undefined)('with a database', () => {
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;
  beforeAll(async () => {
    database = await temporaryDatabase(postgres.url ?? '');
  });
  afterAll(() => database.drop());

  it('tells its version and which migrations wait, and changes nothing', async () => {
    const env = { DATABASE_URL: database.url };
    const waiting = of(await look(env), 'database');
    expect(waiting.fine).toMatch(/PostgreSQL \d+/);
    expect(waiting.findings).toMatchObject([
      { level: 'info', text: `${migrations.length} migrations are not applied yet.` },
    ]);
    expect(of(await look(env), 'database')).toEqual(waiting);
    const store = await openServer({ url: database.url });
    await migrate(store, migrations);
    expect(levelsOf(await look(env), 'database')).toEqual([]);
    await store.script(
      "INSERT INTO rampart_migrations (set_name, id, checksum) VALUES ('rampart', '9999-later', 'x')",
    );
    await store.close();
    expect(levelsOf(await look(env), 'database')).toEqual(['error']);
  });
});

describe('rampart doctor', () => {
  const run = (env: Record<string, string>, ...args: string[]): { status: number | null; stdout: string } =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { doctorCommand } = await import('${MODULE}'); await doctorCommand().parseAsync(process.argv.slice(1), { from: 'user' });`,
        '--',
        ...args,
      ],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', RAMPART_PORT: '0', ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );

  it('prints a table without colours, and ends with 0', () => {
    const { status, stdout } = run({});
    expect(stdout).toMatch(/^ok {7}port +127\.0\.0\.1:0, free$/m);
    expect(stdout).toMatch(/^ +→ /m);
    expect(stdout).toMatch(/^0 problems, \d+ warnings?, \d+ notes?\n$/m);
    expect(stdout).not.toContain('\u001b');
    expect(status).toBe(0);
  });

  it('ends with 1 when there is a problem, also as JSON, and with 2 when it is used wrongly', () => {
    const { status, stdout } = run({ NODE_ENV: 'production', RAMPART_ADMIN_PASSWORD: 'hush-hush' }, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ problems: 1 });
    expect(stdout).not.toMatch(/hush/);
    expect(status).toBe(1);
    expect(run({}, '--nonsense').status).toBe(2);
  });
});
