import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterEach, describe, expect, it } from 'vitest';
import { onEmbedded } from './databases.ts';
import { House, OPERATOR_KEY } from './house.ts';

onEmbedded((stores) => {
  const closing: (() => void)[] = [];
  afterEach(() => closing.splice(0).forEach((close) => close()));

  const start = async (house: House): Promise<number> => {
    const server = serve({ fetch: house.app.fetch, port: 0, hostname: '127.0.0.1' });
    closing.push(() => server.close());
    if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  };
  const watch = (port: number): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
      const sent = request(
        { host: '127.0.0.1', port, path: '/admin/stream', headers, agent: false },
        resolve,
      );
      sent.once('error', reject);
      sent.end();
    });
  const until = async (done: () => boolean): Promise<void> => {
    for (let i = 0; i < 100_000 && !done(); i++) await new Promise((resolve) => setImmediate(resolve));
    expect(done()).toBe(true);
  };

  describe('over a real socket', () => {
    it('the live stream arrives as it flows, and its place is free once the watcher has gone', async () => {
      const house = new House(stores());
      const port = await start(house);
      const response = await watch(port);
      expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', () => undefined);
      await until(() => text.includes('retry: 2000'));
      house.live.change('health');
      await until(() => text.includes('event: change\ndata: {"what":"health"}'));
      expect(house.live.watching).toBe(1);
      response.destroy();
      await until(() => house.live.watching === 0);
    });

    it('the live stream ends when the server stops', async () => {
      const house = new House(stores());
      const response = await watch(await start(house));
      let ended = false;
      response.on('end', () => (ended = true)).resume();
      house.live.close();
      await until(() => ended);
    });

    it('a body beyond the limit is refused while it is still being sent', async () => {
      const port = await start(new House(stores()));
      const status = await new Promise<number>((resolve, reject) => {
        const headers = { 'content-type': 'application/json' };
        const sent = request({
          host: '127.0.0.1',
          port,
          path: '/sample/sign-in',
          method: 'POST',
          headers,
          agent: false,
        });
        sent.once('response', (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
          sent.destroy();
        });
        sent.once('error', reject);
        sent.write(Buffer.alloc(200_000, 0x20));
      });
      expect(status).toBe(413);
    });
  });
});
