import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './client.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, rampart, type Running, start, temporaryFolder } from './server.ts';

afterAll(cleanUp);

describe('a server with nothing but a folder', () => {
  let server: Running;
  beforeAll(async () => {
    server = await start({ dir: temporaryFolder() });
  });

  it('is alive, ready and started', async () => {
    for (const path of ['/livez', '/readyz', '/startupz']) {
      const { status, body } = await server.send({ path });
      expect([path, status, JSON.parse(body)]).toEqual([path, 200, { status: 'ok' }]);
    }
  });

  it('describes all its routes', async () => {
    const { status, body } = await server.send({ path: '/openapi.json' });
    expect(status).toBe(200);
    const { paths } = JSON.parse(body) as { paths: Record<string, unknown> };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/livez', '/admin/decisions/{id}', '/sample/orders']),
    );
  });

  it('shows the console under a policy whose nonce is new each time', async () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const { headers } = await server.send({ path: '/console', headers: { accept: 'text/html' } });
      nonces.add(/'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1] ?? '');
    }
    expect(nonces.size).toBe(3);
    expect(nonces.has('')).toBe(false);
  });

  it('prints a set-up link that signs in once, whoever else tries at the same moment', async () => {
    const token = new URL(server.link).hash.slice('#token='.length);
    const use = (): Promise<Answer> =>
      server.send({
        method: 'POST',
        path: '/admin/session',
        headers: { host: `localhost:${server.port}`, 'content-type': 'application/json' },
        body: JSON.stringify({ setupToken: token }),
      });
    const answers = await Promise.all(Array.from({ length: 15 }, use));
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]));
    expect((await use()).status).toBe(401);
    const cookie = String(winners[0]?.headers['set-cookie']).split(';', 1)[0] as string;
    const session = await server.send({
      path: '/admin/session',
      headers: { host: `localhost:${server.port}`, cookie },
    });
    expect([session.status, JSON.parse(session.body)]).toMatchObject([200, { name: 'administrator' }]);
  });

  it('says nothing of the console to strangers', async () => {
    for (const path of ['/admin/events', '/admin/decisions', '/admin/health', '/admin/no-such-thing']) {
      expect([path, (await server.send({ path })).status]).toEqual([path, 401]);
    }
  });

  it('does not share its folder with a second server, and says who holds it', async () => {
    const second = await rampart(['start'], server.dir, { RAMPART_PORT: '0' });
    expect([second.code, second.out]).toEqual([1, '']);
    expect(second.err).toContain(`process ${server.pid}`);
    expect((await server.send({ path: '/readyz' })).status).toBe(200);
  });

  it('names the port that is taken', async () => {
    const second = await rampart(['start'], await preparedFolder(), { RAMPART_PORT: String(server.port) });
    expect(second.code).toBe(1);
    expect(second.err).toContain(String(server.port));
    expect(second.err).toContain('RAMPART_PORT');
    expect(second.err).not.toContain('    at ');
  });

  it('ends with 0 on SIGTERM and starts again with everything it knew', async () => {
    const added = await server.ask<{ id: string }>('POST', '/admin/blocks', {
      target: '203.0.113.7',
      minutes: 60,
      reason: 'of a test',
    });
    expect(added.status).toBe(201);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    server = await start({ dir: server.dir });
    const { body } = await server.ask<{ blocks: { id: string }[] }>('GET', '/admin/blocks');
    expect(body.blocks.map(({ id }) => id)).toEqual([added.body.id]);
  });
});

describe('a server that cannot start', () => {
  /** Each is a process: a few of a kind say that it works, and the slow tests go through all. */
  const some = <T>(all: readonly T[]): readonly T[] =>
    process.env['RAMPART_SLOW'] === '1' ? all : all.filter((_, at) => at % 4 === 1);
  const refusals: readonly [string, Readonly<Record<string, string>>, number, readonly string[]][] = [
    ['a port that is none', { RAMPART_PORT: 'http' }, 2, ['RAMPART_PORT', '0 to 65535']],
    ['a database that is none', { DATABASE_URL: 'mysql://x:secret-7@y' }, 2, ['DATABASE_URL', 'postgres://']],
    ['a short secret', { RAMPART_SECRET: 'secret-7' }, 2, ['RAMPART_SECRET', 'openssl']],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, 2, ['LOG_LEVEL', 'one of']],
    ['a secret file that is not there', { RAMPART_SECRET_FILE: '/no/such/file' }, 2, ['RAMPART_SECRET_FILE']],
    ['a configuration that is not there', { RAMPART_CONFIG: '/no/such.mjs' }, 1, ['/no/such.mjs']],
    ['a folder that cannot be', { RAMPART_DATA_DIR: '/dev/null/no' }, 1, ['RAMPART_DATA_DIR', 'writable']],
    [
      'a database that does not answer',
      { DATABASE_URL: 'postgres://u:secret-7@127.0.0.1:1/x' },
      1,
      ['DATABASE_URL'],
    ],
  ];
  it.concurrent.each(some(refusals))(
    'refuses %s in a sentence that says what to mend',
    async (_name, env, code, words) => {
      const said = await rampart(['start'], temporaryFolder(), { RAMPART_PORT: '0', ...env });
      expect([said.code, said.err.trim().split('\n').length], said.err).toEqual([code, 1]);
      for (const word of words) expect(said.err).toContain(word);
      expect(said.err).not.toContain('secret-7');
    },
  );

  const configurations: readonly (readonly [string, number, string])[] = [
    ['limits: { api: { max: 0, window: "1m", by: "ip" } }', 2, 'limits.api.max'],
    ['routes: { "/x": { limit: "nobody" } }', 2, 'nobody'],
    ['trustProxy: ["not-a-range"]', 2, 'trustProxy'],
    ['colour: "red"', 2, 'colour'],
    ['limits: {', 1, 'rampart.config.mjs'],
  ];
  it.concurrent.each(some(configurations))('refuses the configuration { %s }', async (text, code, word) => {
    const dir = temporaryFolder();
    const path = join(dir, 'rampart.config.mjs');
    writeFileSync(path, `export default { ${text} };\n`);
    const said = await rampart(['start'], dir, { RAMPART_PORT: '0', RAMPART_CONFIG: path });
    expect([said.code, said.err], said.err).toEqual([code, expect.stringContaining(word)]);
    // Told before anything was made.
    expect(existsSync(join(dir, 'data'))).toBe(false);
  });

  it('refuses a data folder whose secret was cut short, rather than make another one', async () => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'data', 'secret.key'), 'short');
    const said = await rampart(['start'], dir, { RAMPART_PORT: '0' });
    expect([said.code, said.err]).toEqual([1, expect.stringContaining('Restore it from a backup')]);
  });
});
