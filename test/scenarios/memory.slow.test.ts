import { afterAll, describe, expect, it } from 'vitest';
import type { DecisionsAnswer } from '../../src/server/api/types.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import { inParallel, keptConnections, sendRaw } from './client.ts';
import { HOSTILE_BODIES, HOSTILE_BYTES } from './hostile.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, type Running, start } from './server.ts';

afterAll(cleanUp);

const CONFIG: RampartConfig<'api'> = {
  trustProxy: ['loopback'],
  limits: { api: { max: 5, window: '1h', by: 'ip' } },
  routes: { '/sample/*': { limit: 'api' } },
};
const BYTES = Object.values(HOSTILE_BYTES);
const BODIES = Object.entries(HOSTILE_BODIES)
  .filter(([name]) => name !== 'too large')
  .map(([, sent]) => sent);

/** Hostile requests of all kinds, each from an address of its own where one is heard. */
async function flood(server: Running, count: number, offset: number): Promise<void> {
  const agent = keptConnections(8);
  await inParallel(count, 8, async (index) => {
    const i = index + offset;
    const address = `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
    if (i % 10 === 0) {
      const bytes = (BYTES[(i / 10) % BYTES.length] as string).replace('{target}', `/no/${i}`);
      await sendRaw(server.port, Buffer.from(bytes, 'latin1'));
      return;
    }
    const hostile = BODIES[i % BODIES.length];
    const headers = { 'x-forwarded-for': address, 'user-agent': `agent ${i}`, ...hostile?.headers };
    await server.send({ method: 'POST', path: `/sample/sign-in?x=${i}`, agent, ...hostile, headers });
  });
  agent.destroy();
}

describe('twenty thousand hostile requests from as many addresses', () => {
  it('leave the process as large as it was, within half as much again', { timeout: 300_000 }, async () => {
    const server = await start({ dir: await preparedFolder(), config: CONFIG });
    await flood(server, 4_000, 0);
    const before = server.rss();
    await flood(server, 20_000, 4_000);
    const after = server.rss();
    process.stdout.write(
      `resident: ${Math.round(before / 1e6)} MB before, ${Math.round(after / 1e6)} MB after\n`,
    );
    expect(after).toBeLessThan(before * 1.5);
    expect((await server.send({ path: '/livez', headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(
      200,
    );
    // Garbage has a ceiling of its own: each second fifty records at most.
    const page = await eventually(
      () => server.ask<DecisionsAnswer>('GET', '/admin/decisions?filter=guard:http&limit=1'),
      ({ body }) => body.decisions.length === 1,
    );
    expect(page.body.decisions[0]?.route).toBe('(unreadable)');
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });
});
