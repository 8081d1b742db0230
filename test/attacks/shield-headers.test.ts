import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, Stage } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { sendRaw } from '../scenarios/client.ts';
import { APPS, shieldHouse } from './shield-house.ts';

const REST = 'User-Agent: a\r\nAccept: */*\r\nConnection: close\r\n\r\n';

describe.each(APPS)('odd headers before an application behind the %s adapter', (name, start) => {
  const { house, records } = shieldHouse({
    routes: { '/empty': { shield: { headers: { accept: false } } } },
  });
  const stage = new Stage();
  let app: RunningApp;
  beforeAll(async () => {
    app = await start(house, stage);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });
  const raw = (head: string): ReturnType<typeof sendRaw> =>
    sendRaw(app.port, `GET /hello HTTP/1.1\r\n${head}${REST}`);

  it('A57: are refused, on record, before the application is called', async () => {
    const { calls } = stage;
    const ways = [
      'Host: a\r\nContent-Length: 0\r\nContent-Length: 1\r\n',
      'Host: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n',
      'Host: a\r\nTransfer-Encoding: xchunked\r\n',
      'Host: a\r\nContent-Length: +0\r\n',
      'Host: a\r\nX-A: b\u0001c\r\n',
      // A runtime that hands over a Request has chosen one of the hosts already.
      ...(name === 'web' || name.startsWith('hono (') ? [] : ['Host: a\r\nHost: b\r\n']),
    ];
    // Without an answer (0) node:http itself has hung up.
    for (const way of ways) expect([400, 0], way).toContain((await raw(way)).status);
    expect(stage.calls).toBe(calls);
    expect((await raw('Host: a\r\n')).status).toBe(200);
    expect(stage.calls).toBe(calls + 1);
  });

  it('A55: headers that are repeated a hundred times are too many', async () => {
    const { status } = await raw(`Host: a\r\n${'X-A: b\r\n'.repeat(101)}`);
    // The Web standard joins them to one.
    expect(status).toBe(name === 'web' || name.startsWith('hono (') ? 200 : 400);
    const names = Array.from({ length: 101 }, (_, i) => `X-${i}: b\r\n`).join('');
    expect((await raw(`Host: a\r\n${names}`)).status).toBe(400);
  });

  it('names the header that is missing, and leaves a route alone that asks for less', async () => {
    const sent = await sendRaw(app.port, 'GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(sent.status).toBe(400);
    const { error } = JSON.parse(sent.body) as {
      error: { code: string; decision: string; details: unknown };
    };
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', details: { check: 'userAgent' } });
    expect(records.some(({ id, guard }) => id === error.decision && guard === 'shield.headers')).toBe(true);
    const fewer =
      'GET /empty HTTP/1.1\r\nHost: a\r\nUser-Agent: Go-http-client/1.1\r\nConnection: close\r\n\r\n';
    expect((await sendRaw(app.port, fewer)).status).toBe(204);
    expect((await sendRaw(app.port, fewer.replace('/empty', '/hello'))).status).toBe(400);
    expect((await call(app.port)).status).toBe(200);
  });
});
