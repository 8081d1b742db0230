import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DecisionAnswer } from '../../src/server/api/types.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, rampart, type Running, start, temporaryFolder } from './server.ts';
import { decisionOf, from, SMALL_LIMIT } from './traffic.ts';

const postgres = await postgresService();
afterAll(cleanUp);

const NOBODY = 'dec_00000000000000000000000000';

describe('commands that speak to the running server', () => {
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

  it('why tells the story of a decision', async () => {
    const said = await rampart(['why', id], server.dir);
    expect([said.code, said.err]).toEqual([0, '']);
    for (const text of ['Refused by limit:admit', '198.51.100.1', 'Wait ', 'computed again: same verdict'])
      expect(said.out).toContain(text);
  });

  it('why --json prints the record', async () => {
    const said = await rampart(['why', '--json', id], server.dir);
    const record = JSON.parse(said.out) as DecisionAnswer;
    expect([said.code, record.id, record.verdict]).toEqual([0, id, 'deny']);
  });

  it('why says of an id that nobody gave out that there is none', async () => {
    const said = await rampart(['why', NOBODY], server.dir);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toBe('rampart: There is no decision of this id, or it is no longer kept.\n');
  });

  it.concurrent.each([
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
    const commands = [[], ['start'], ['init'], ['link'], ['why'], ['migrate'], ['simulate'], ['doctor']];
    const helped = async (args: readonly string[]): Promise<void> => {
      const said = await rampart([...args, '--help'], server.dir);
      expect([args, said.code]).toEqual([args, 0]);
      expect(said.out).toContain(`Usage: ${['rampart', ...args].join(' ')}`);
    };
    await Promise.all(commands.map(helped));
  });

  it('link prints an address at which somebody can sign in, once', async () => {
    const said = await rampart(['link'], server.dir);
    expect([said.code, said.err]).toEqual([0, '']);
    const link = new URL(said.out.trim());
    expect([link.origin, link.pathname]).toEqual([`http://localhost:${server.port}`, '/console/setup']);
    const signIn = (): Promise<{ status: number }> =>
      server.send({
        method: 'POST',
        path: '/admin/session',
        headers: { host: link.host, 'content-type': 'application/json' },
        body: JSON.stringify({ setupToken: link.hash.slice('#token='.length) }),
      });
    expect((await signIn()).status).toBe(200);
    expect((await signIn()).status).toBe(401);
  });

  it('migrate leaves the database of a running server alone, and names the process', async () => {
    const said = await rampart(['migrate'], server.dir);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toContain(`process ${server.pid}`);
  });

  it('say so when the server has stopped', async () => {
    await server.kill();
    for (const args of [['link'], ['why', id]]) {
      const said = await rampart(args, server.dir);
      expect([said.code, said.err]).toEqual([
        1,
        `rampart: The server at http://127.0.0.1:${server.port} does not answer. Start it with 'rampart start'.\n`,
      ]);
    }
  });
});

describe('commands without a server', () => {
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

  it('migrate says what to do when the database does not answer, without its password', async () => {
    const env = { DATABASE_URL: 'postgres://u:secret-7@127.0.0.1:1/x' };
    const said = await rampart(['migrate'], temporaryFolder(), env);
    expect(said.code).toBe(1);
    expect(said.err).toContain('DATABASE_URL');
    expect(said.err).not.toContain('secret-7');
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
