import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, rampart, type Running, start, temporaryFolder } from './server.ts';
import { decisionOf, from, SMALL_LIMIT } from './traffic.ts';

afterAll(cleanUp);

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
    for (const text of [
      'Refused by limit:admit',
      '198.51.100.1',
      'Wait ',
      'computed again: same verdict',
      '--report',
    ])
      expect(said.out).toContain(text);
  });

  it('events lists, shows and exports what happened, and a terminal is steered by none of it', async () => {
    await server.send(from('198.51.100.1', { headers: { 'user-agent': 'a\u009b31m=|b' } }));
    const refused = ['--type', 'REQUEST_REFUSED', '--address', '198.51.100.0/24'];
    const rows = await eventually(
      () => rampart(['events', 'list', ...refused, '--json'], server.dir),
      ({ out }) => out.includes('evt_'),
    );
    const first = JSON.parse(rows.out.split('\n')[0] ?? '') as { id: string; type: string };
    expect([rows.code, first.type]).toEqual([0, 'REQUEST_REFUSED']);

    const table = await rampart(['events', 'list', '--since', '1h', ...refused], server.dir);
    expect(table.out).toMatch(/^at +severity +event +who +address +id\n/);
    expect(table.out).toContain(first.id);

    const shown = await rampart(['events', 'show', first.id], server.dir);
    expect(shown.out).toContain('LOW REQUEST_REFUSED (signal)\nA guard refused a request.');
    expect(shown.out).toContain('of this type by the same address within a day');

    const cef = await rampart(['events', 'export', '--format', 'cef', ...refused], server.dir);
    expect(cef.out).toMatch(/^CEF:0\|Rampart\|rampart\|[^|]+\|REQUEST_REFUSED\|/);
    const out = join(server.dir, 'events.ndjson');
    const saved = await rampart(['events', 'export', '--format', 'ocsf', '--out', out], server.dir);
    expect([saved.code, saved.err]).toEqual([0, '']);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { metadata: { uid: string } }).metadata.uid)).toContain(
      first.id,
    );
    const again = await rampart(['events', 'export', '--out', out], server.dir);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('there is a file of this name')]);
    // None of these may reach a terminal.
    for (const { out: text } of [table, shown, cef]) expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('wrong usage is said with exit code 2, and where to read more', async () => {
    const said = await rampart(['why', 'nonsense'], server.dir);
    expect([said.code, said.out]).toEqual([2, '']);
    expect(said.err).toMatch(/^error: [^]*--help/);
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

  it('say so when the server has stopped', async () => {
    await server.kill();
    const all = await Promise.all([['link'], ['why', id]].map((args) => rampart(args, server.dir)));
    for (const said of all) {
      expect([said.code, said.err]).toEqual([
        1,
        `rampart: The server at http://127.0.0.1:${server.port} does not answer. Start it with 'rampart start'.\n`,
      ]);
    }
  });
});

describe('commands without a server', () => {
  it('migrate says what to do when the database does not answer, without its password', async () => {
    const env = { DATABASE_URL: 'postgres://u:secret-7@127.0.0.1:1/x' };
    const said = await rampart(['migrate'], temporaryFolder(), env);
    expect(said.code).toBe(1);
    expect(said.err).toContain('DATABASE_URL');
    expect(said.err).not.toContain('secret-7');
  });
});
