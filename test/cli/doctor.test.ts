import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
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
  examine({ RAMPART_DATA_DIR: join(folder, 'data'), RAMPART_PORT: '0', ...env }, folder, NOW_MS);
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
