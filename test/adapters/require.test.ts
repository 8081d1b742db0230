import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/base/observe/index.ts';
import type { DecisionRecord } from '../../src/core/decision.ts';
import { replayStep } from '../../src/core/decision.ts';
import type { RampartEvent } from '../../src/core/events.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { PrincipalValue } from '../../src/core/fact.ts';
import { defineAccess } from '../../src/modules/access/index.ts';
import { type AccessOptions, houseAccess, prepareAccess } from '../../src/server/access.ts';
import { readConfig } from '../../src/server/config.ts';
import { buildHouse, type House } from '../../src/server/house.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { send } from '../scenarios/client.ts';
import {
  startExpress,
  startFastify,
  startHono,
  startNode,
  type StartOrders,
  startWeb,
} from './require-apps.ts';

const POLICY = defineAccess({
  resources: { orders: { columns: { id: 'text', owner: 'text' } } },
  roles: {
    customer: { can: { 'orders:read': { owner: 'owner' } } },
    clerk: { can: { 'orders:read': true } },
    guest: {},
  },
});
const ORDERS = new Map([['o1', { id: 'o1', owner: 'user:ada' }]]);

/** Roles that somebody has at this moment; a test takes them away. */
const roles = new Map<string, readonly string[]>();

function composed(access: AccessOptions = POLICY, routes = {}) {
  const clock = new ManualClock();
  const records: DecisionRecord[] = [];
  const events: RampartEvent[] = [];
  const counters = memoryCounters({ clock });
  const config = readConfig({
    access,
    routes,
    records: { passes: 1 },
    browser: false,
    identify: (request) => {
      const name = request.header('x-user');
      return name === undefined ? null : { id: `user:${name}`, kind: 'user', roles: [] };
    },
  });
  const grants = {
    identify: () => ({ ok: false, fault: 'unknown', key: 'k' }),
    principalOf: (one: PrincipalValue) => ({ ...one, roles: roles.get(one.id) ?? [] }),
  };
  const house = buildHouse(config, {
    clock,
    timers: clock,
    node: 'n1',
    log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: (record) => records.push(JSON.parse(JSON.stringify(record)) as DecisionRecord) },
    watchers: [{ name: 'test', stage: 'journal', on: '*', handle: (some) => void events.push(...some) }],
    access: houseAccess(
      prepareAccess(access, config.rules),
      () => grants as never,
      ({ path }) => path === '/own',
    ),
  });
  return { house, records, events };
}

const ADAPTERS: readonly (readonly [string, StartOrders])[] = [
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['web', startWeb],
  ['node', startNode],
];

describe.each(ADAPTERS)('guard.require on %s', (_name, start) => {
  const { house, records, events } = composed();
  let app: RunningApp;
  let loads = 0;
  let onLoad: () => void = () => undefined;
  beforeAll(async () => {
    app = await start(house, (id) => {
      loads += 1;
      onLoad();
      return Promise.resolve(ORDERS.get(id));
    });
  });
  beforeEach(() => {
    loads = 0;
    onLoad = () => undefined;
    records.length = 0;
    events.length = 0;
    roles.clear();
    for (const [name, held] of [
      ['ada', 'customer'],
      ['bob', 'customer'],
      ['cleo', 'clerk'],
      ['gus', 'guest'],
    ] as const)
      roles.set(`user:${name}`, [held]);
  });
  afterAll(async () => {
    await app?.close();
    await house.close();
  });
  const get = async (path: string, user?: string) => {
    const answer = await send(app.port, { path, headers: user === undefined ? {} : { 'x-user': user } });
    const body = JSON.parse(answer.body) as { error?: { code: string; decision?: string } };
    return { status: answer.status, body, code: body.error?.code };
  };

  it('hands the row to whom the policy allows it', async () => {
    expect(await get('/orders/o1', 'ada')).toMatchObject({ status: 200, body: ORDERS.get('o1') });
    expect(await get('/orders/o1', 'cleo')).toMatchObject({ status: 200, body: ORDERS.get('o1') });
    expect((await get('/orders', 'bob')).status).toBe(200);
  });

  it('answers 401 to nobody and 403 to who may not, before anything is loaded where no row could be allowed', async () => {
    expect(await get('/orders/o1')).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(await get('/orders/o1', 'gus')).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await get('/orders', 'gus')).status).toBe(403);
    expect(loads).toBe(0);
    expect(await get('/orders/o1', 'bob')).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(loads).toBe(1);
  });

  it('answers 404 where there is no row, and where it is hidden the same (A65)', async () => {
    const [none, hidden] = [await get('/hidden/o9', 'bob'), await get('/hidden/o1', 'bob')];
    expect([none.status, hidden.status]).toEqual([404, 404]);
    const words = ({ body }: typeof none): unknown => ({ ...body.error, decision: undefined });
    expect(words(hidden)).toEqual(words(none));
  });

  it('tells of every attempt by somebody who is known, and leaves a decision that says which rule decided', async () => {
    await get('/orders/o1');
    const { body } = await get('/orders/o1', 'bob');
    await house.events.flush();
    const attempts = events.filter(({ type }) => type === 'UNAUTHORIZED_ACCESS_ATTEMPT');
    expect(attempts).toMatchObject([
      {
        actor: 'user:bob',
        outcome: 'refused',
        decision: body.error?.decision,
        details: { resource: 'orders', action: 'read', endpoint: '/orders/o1', method: 'GET' },
      },
    ]);
    const record = records.find(({ id }) => id === body.error?.decision);
    expect(record).toMatchObject({
      verdict: 'deny',
      guard: 'access.require',
      code: 'FORBIDDEN',
      status: 403,
    });
    expect(JSON.stringify(record?.steps)).toContain('owner');
    expect(records.filter(({ id }) => id === body.error?.decision)).toHaveLength(1);
  });

  it('looks at the roles again once the row is there: one that was taken away meanwhile is gone (A68)', async () => {
    onLoad = () => roles.set('user:ada', []);
    expect((await get('/orders/o1', 'ada')).status).toBe(403);
    onLoad = () => undefined;
    expect((await get('/orders', 'ada')).status).toBe(403);
  });

  it('is a mistake at the start for an unknown permission, and for one that needs a row and loads none', () => {
    const gate: Gate = house;
    expect(() => gate.demand?.('orders:raed', { loads: true })).toThrow('orders:raed');
    expect(() => gate.demand?.('orders:read', { loads: false })).toThrow("give 'load'");
  });
});

const USUAL: Readonly<Record<string, string | undefined>> = { 'user-agent': 'test', accept: '*/*' };

describe('the guard of routes', () => {
  const ask = async (house: House, path: string, user?: string) => {
    const context = await house.enter({
      method: 'GET',
      target: path,
      peer: '192.0.2.1',
      encrypted: false,
      header: (name) => ({ ...USUAL, 'x-user': user })[name],
    });
    house.leave(context, context.reply?.status ?? 200, 0, false);
    return context.reply?.status ?? 200;
  };

  it('lets through who could be allowed some row, and decides the same again from its record', async () => {
    roles.set('user:ada', ['customer']).set('user:gus', ['guest']);
    const { house, records } = composed(POLICY, {
      '/orders/*': { require: 'orders:read' },
      '/me': { require: 'signed-in' },
      '/open': { require: 'anybody' },
    });
    expect([
      await ask(house, '/orders/1', 'ada'),
      await ask(house, '/orders/1', 'gus'),
      await ask(house, '/orders/1'),
      await ask(house, '/me', 'gus'),
      await ask(house, '/me'),
      await ask(house, '/open'),
      await ask(house, '/elsewhere'),
    ]).toEqual([200, 403, 401, 200, 401, 200, 200]);
    const steps = records.flatMap((record) => record.steps).filter(({ guard }) => guard === 'access');
    expect(steps).toHaveLength(5);
    for (const step of steps) expect(replayStep(step, house.deciders).kind).toBe(step.verdict);
    await house.close();
    const other = composed({ ...POLICY, roles: { ...POLICY.roles, extra: {} } });
    expect(() => replayStep(steps[0] as (typeof steps)[number], other.house.deciders)).toThrow(
      'another policy',
    );
    await other.house.close();
  });

  it('refuses routes without a rule where that is wished, but not those of the house (49)', async () => {
    roles.set('user:cleo', ['clerk']);
    const { house } = composed({ ...POLICY, unlisted: 'deny' }, { '/orders/*': { require: 'orders:read' } });
    expect([
      await ask(house, '/orders/1', 'cleo'),
      await ask(house, '/new', 'cleo'),
      await ask(house, '/new'),
      await ask(house, '/own'),
    ]).toEqual([200, 403, 401, 200]);
    await house.close();
  });

  it('only watches in shadow mode, and emits nothing of it', async () => {
    roles.set('user:gus', ['guest']);
    const { house, records, events } = composed(
      { ...POLICY, mode: 'shadow' },
      { '/orders/*': { require: 'orders:read' } },
    );
    expect(await ask(house, '/orders/1', 'gus')).toBe(200);
    expect(records[0]?.wouldRefuse).toEqual(['access']);
    await house.close();
    expect(events.map(({ type }) => type)).not.toContain('UNAUTHORIZED_ACCESS_ATTEMPT');
  });

  it('is a mistake at the start for a permission that the policy lacks, and without a policy', () => {
    const routes = { '/orders/*': { require: 'orders:raed' } };
    expect(() => composed(POLICY, routes)).toThrow('routes./orders/*.require');
    expect(() => readConfig({ routes })).toThrow('needs a policy');
  });

  it('refuses an API key alike whatever is wrong with it, and reads none from the address', async () => {
    const { house, events } = composed();
    const enter = async (target: string, authorization?: string) => {
      const context = await house.enter({
        method: 'GET',
        target,
        peer: '192.0.2.1',
        encrypted: false,
        header: (name) => ({ ...USUAL, authorization })[name],
      });
      house.leave(context, context.reply?.status ?? 200, 0, false);
      return context.reply;
    };
    const refused = await enter('/x', 'Bearer rk_live_0123456789abcdef_x');
    expect(refused?.status).toBe(401);
    expect(refused?.body).not.toContain('unknown');
    expect(await enter('/x?key=rk_live_0123456789abcdef_x')).toBeNull();
    await house.close();
    expect(events.map(({ type }) => type)).toContain('API_KEY_REFUSED');
  });
});
