import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestView } from '../../src/core/request.ts';
import { replayStep } from '../../src/core/decision.ts';
import { type RunningApp, Stage } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { createLogger } from '../../src/base/observe/index.ts';
import type { Traffic, TrafficOptions } from '../../src/modules/shield/index.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import type { House, HousePorts } from '../../src/server/house.ts';
import { shareTraffic } from '../../src/server/share-traffic.ts';
import { memoryBus } from '../../src/stores/memory/bus.ts';
import { startNodeApp } from '../adapters/node-app.ts';
import { shieldHouse } from './shield-house.ts';

const run = (traffic: TrafficOptions = {}, more: RampartConfig = {}, ports: Partial<HousePorts> = {}) => {
  const stand = shieldHouse({ trustProxy: ['loopback'], shield: { traffic }, ...more }, ports);
  const stage = new Stage();
  let app: RunningApp;
  beforeAll(async () => {
    app = await startNodeApp(stand.house, stage);
  });
  afterAll(async () => {
    await app.close();
    await stand.house.close();
  });
  const ask = async (from: string | null, path = '/hello') => {
    const headers = from === null ? {} : { 'x-forwarded-for': from };
    return call(app.port, { path, headers: { 'user-agent': 'curl/8.9.1', ...headers } });
  };
  const flood = async (from: string | null, count: number, path = '/hello') => {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push((await ask(from, path)).status);
    return statuses;
  };
  const told = async (type: string) => {
    await stand.house.events.flush();
    return stand.events.filter((event) => event.type === type);
  };
  return { ...stand, stage, ask, flood, told };
};

describe('a client that sends far too much', () => {
  const { house, clock, records, stage, ask, flood, told } = run({ burst: 20 });

  it('is served up to the bound, then refused and blocked for an hour, with the true time to wait', async () => {
    expect(new Set(await flood('203.0.113.1', 20))).toEqual(new Set([200]));
    const { calls } = stage;
    const refused = await ask('203.0.113.1');
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'DDOS_PROTECTION' } });
    expect(refused.headers['retry-after']).toBe('3600');
    expect(house.blocks.find('203.0.113.1')).toMatchObject({ createdBy: 'shield.traffic' });
    clock.advance(600_000);
    const later = await ask('203.0.113.1');
    expect([later.status, later.headers['retry-after']]).toEqual([429, '3000']);
    expect(stage.calls).toBe(calls);
    clock.advance(3_000_000);
    expect((await ask('203.0.113.1')).status).toBe(200);
    expect(await told('DDOS_DETECTED')).toHaveLength(1);
    const step = records
      .flatMap(({ steps }) => steps)
      .find(({ guard, verdict }) => guard === 'shield.traffic' && verdict === 'deny');
    expect(step && replayStep(step, house.deciders)).toMatchObject({
      kind: 'deny',
      reason: { code: 'traffic.burst' },
    });
  });

  it('A50: is one client in all of its IPv6 network, and its neighbours are not', async () => {
    const statuses = [];
    for (let i = 0; i < 30; i++) statuses.push((await ask(`2001:db8:7::${i.toString(16)}`)).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expect(house.blocks.find('2001:db8:7::ffff')?.target).toBe('2001:db8:7::/64');
    expect((await ask('2001:db8:8::1')).status).toBe(200);
  });

  it('can be let in again', async () => {
    const block = house.blocks.find('2001:db8:7::1');
    house.blocks.remove(block?.id as string);
    expect((await ask('2001:db8:7::1')).status).toBe(200);
  });
});

describe('a client that spreads its requests over two nodes', () => {
  const one = run({ sustained: 1 });
  const two = run({ sustained: 1 }, {}, { clock: one.clock, timers: one.clock, node: 'n2' });
  const bus = memoryBus();
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    for (const [node, { house }] of [one, two].entries())
      ends.push(
        await shareTraffic(house.shield.traffic as Traffic, bus, {
          node: `n${node + 1}`,
          timers: one.clock,
          log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
        }),
      );
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  it('is seen as one, blocked, and begins anew on both once it is let in again', async () => {
    const spread = async (from: string, rounds: number) => {
      const statuses: number[] = [];
      for (let i = 0; i < rounds; i++) {
        for (const node of [one, two]) statuses.push(...(await node.flood(from, 4)));
        one.clock.advance(1_000);
      }
      return statuses;
    };
    expect(await spread('203.0.113.1', 7)).not.toContain(429);
    // 60 are honest, and neither node alone gets as many.
    expect(await spread('203.0.113.1', 2)).toContain(429);
    const blocks = [one, two].map(({ house }) => house.blocks.find('203.0.113.1'));
    for (const [at, block] of blocks.entries())
      if (block !== undefined) [one, two][at]?.house.blocks.remove(block.id);
    expect(await spread('203.0.113.1', 3)).not.toContain(429);
  });
});

describe('honest clients', () => {
  const { clock, flood, told } = run(
    { burst: 10 },
    {
      routes: {
        '/empty': { shield: { traffic: false } },
        '/echo/*': { shield: { traffic: { weight: 0.1 } } },
      },
    },
  );

  it('may load 40 files of a page at once', async () => {
    expect(new Set(await flood('203.0.113.1', 40, '/app-1234.js'))).toEqual(new Set([404]));
    expect(await told('DDOS_DETECTED')).toEqual([]);
  });

  it('may probe as often as they like, and what a route leaves out or weighs less does not count', async () => {
    expect(await flood('203.0.113.2', 20, '/livez')).not.toContain(429);
    expect(await flood('203.0.113.2', 20, '/empty')).not.toContain(429);
    expect(await flood('203.0.113.2', 20, '/echo/1')).not.toContain(429);
  });

  it('is told of, and let through, when it is a load test on this machine', async () => {
    expect(await flood(null, 20)).not.toContain(429);
    clock.advance(60_000);
    const [event] = await told('DDOS_DETECTED');
    expect(event).toMatchObject({ subject: '127.0.0.1', details: { spared: 'never-block' } });
  });
});

describe('A87: traffic that would have the house block its own', () => {
  const { house, flood, told } = run(
    { burst: 5, blocksPerHour: 2 },
    { blocks: { neverBlock: ['198.51.100.0/24'] } },
  );

  it('does not block a proxy that nobody named, an office on the never-block list, or the edge', async () => {
    expect(await flood('10.0.0.7', 8)).not.toContain(429);
    expect(await flood('198.51.100.9', 8)).not.toContain(429);
    const reasons = (await told('DDOS_DETECTED')).map(({ details }) => details?.['spared']);
    expect(reasons).toEqual(['own-network', 'never-block']);
    expect(house.blocks.list()).toEqual([]);
  });

  it('blocks no more clients by itself than the budget allows; the others are refused while they go on', async () => {
    for (let i = 1; i <= 4; i++) expect((await flood(`203.0.113.${i}`, 7)).at(-1)).toBe(429);
    expect(house.blocks.list()).toHaveLength(2);
  });
});

describe('a client that looks for what is not there', () => {
  const { house, flood, ask, told } = run({ burst: 1_000, scan: { do: 'block', paths: 16 } });

  it('is told of and blocked after some dozens of different paths, and not for one file that is missing', async () => {
    await flood('203.0.113.1', 20, '/missing.png');
    expect(await told('PATH_SCAN_DETECTED')).toEqual([]);
    for (let i = 0; i < 100 && house.blocks.list().length === 0; i++)
      await ask('203.0.113.2', `/backup-${i}.js`);
    expect(await told('PATH_SCAN_DETECTED')).toHaveLength(1);
    expect((await ask('203.0.113.2')).status).toBe(429);
    expect((await ask('203.0.113.1')).status).toBe(200);
  });
});

/** A request that goes no further than the corridor: thousands of them cost nothing. */
async function enter(house: House, peer: string): Promise<void> {
  const view: RequestView = {
    method: 'GET',
    target: '/empty',
    peer,
    encrypted: false,
    header: (name) => (name === 'accept' || name === 'user-agent' ? 'curl/8.9.1' : undefined),
  };
  house.leave(await house.enter(view), 204, 0, false);
}

describe('the whole site under attack', () => {
  const { house, clock, ask, flood, told } = run(
    { warmUp: '10s', sensitivity: 'high', assets: 0, sustained: 10_000, burst: 100_000 },
    { routes: { '/hello': { shield: { challenge: { demand: 'elevated' } } } } },
  );

  it('asks everybody for a challenge where a route wants that, and stops by itself', async () => {
    for (let i = 0; i < 20; i++) {
      expect(await flood(`203.0.113.${i}`, 1)).toEqual([200]);
      clock.advance(1_000);
    }
    for (let i = 0; i < 12; i++) {
      for (let j = 0; j < 200; j++) await enter(house, `203.0.113.${i}`);
      clock.advance(1_000);
    }
    const asked = await ask('203.0.113.99');
    expect([asked.status, JSON.parse(asked.body)]).toMatchObject([
      403,
      { error: { code: 'CHALLENGE_REQUIRED' } },
    ]);
    clock.advance(300_000);
    expect(house.shield.traffic?.posture().level).toBe('normal');
    expect((await ask('203.0.113.99')).status).toBe(200);
    expect((await told('POSTURE_CHANGED')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('traffic in shadow mode', () => {
  const { house, flood, records } = run({ burst: 5, mode: 'shadow' });

  it('refuses and blocks nobody, and records what it would have done', async () => {
    expect(await flood('203.0.113.1', 8)).not.toContain(429);
    expect(house.blocks.list()).toEqual([]);
    expect(JSON.stringify(records)).toContain('traffic.burst');
  });
});
