import { describe, expect, it } from 'vitest';
import type { QueryPlan } from '../../../base/database/index.ts';
import { QueryLog } from '../../../base/database/index.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { QueryReport } from '../../data/index.ts';
import type { ApiContext } from '../route.ts';
import { queryRoutes } from './queries.ts';

const plan: QueryPlan = {
  plan: {
    kind: 'Seq Scan',
    table: 'public.orders',
    index: null,
    rows: 1,
    cost: 9,
    condition: 'customer = ?',
    sortedBy: [],
    steps: [],
  },
  suggestions: [],
};

const own = new QueryLog({}, { clock: new ManualClock() });
own.record('SELECT c', 2_000, false, (text) => text);
own.noteRepeated('SELECT d', '/app/list.ts:7');
const otherReport: QueryReport = {
  ...own.summary(),
  plans: { [own.summary().statements[0]?.id as string]: plan },
};

describe('the routes of statements', () => {
  const clock = new ManualClock();
  const log = new QueryLog({}, { clock });
  const routes = queryRoutes({
    facts: { node: 'n1' },
    clock,
    queries: {
      reports: {
        sources: async () => [
          { node: 'n2', source: 'shop', atMs: 5, slow: 1 },
          { node: 'n1', source: 'rampart', atMs: 4, slow: 0 },
        ],
        find: async (node, source) =>
          node === 'n2' && source === 'shop' ? { atMs: 5, report: otherReport } : undefined,
      },
      queries: () => log.summary(),
      plan: async (id) => (id === '0123456789abcdef' ? plan : undefined),
    },
  });
  const ask = async (path: string, params: Record<string, string> = {}, query = ''): Promise<Response> => {
    const found = routes.find(({ spec }) => spec.path === path);
    const req = { url: `http://x${path}${query}`, param: () => params };
    return (found as (typeof routes)[number]).run({ req } as unknown as ApiContext, {} as never);
  };

  it('list what was slow, the costliest first, as many as were asked for', async () => {
    log.record('SELECT a', 1_000, false, (text) => text);
    log.record('SELECT b', 3_000, true, (text) => text);
    const answer = (await (await ask('/admin/queries')).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({ node: 'n1', total: 2, slow: 2, failures: 1 });
    expect(answer['statements']).toMatchObject([{ shape: 'SELECT b', maxMs: 3_000 }, { shape: 'SELECT a' }]);
    expect(JSON.stringify(answer)).not.toContain('text');
    const one = (await (await ask('/admin/queries', {}, '?limit=1')).json()) as { statements: unknown[] };
    expect(one.statements).toHaveLength(1);
    await expect(ask('/admin/queries', {}, '?limit=0')).rejects.toMatchObject({ status: 400 });
  });

  it('show what other nodes wrote of their databases, this one’s own first in the list', async () => {
    const sources = [
      { node: 'n1', source: 'rampart', atMs: clock.now(), slow: 2 },
      { node: 'n2', source: 'shop', atMs: 5, slow: 1 },
    ];
    expect(await (await ask('/admin/queries')).json()).toMatchObject({
      node: 'n1',
      source: 'rampart',
      sources,
    });
    const answer = (await (await ask('/admin/queries', {}, '?node=n2&source=shop')).json()) as object;
    expect(answer).toMatchObject({ node: 'n2', source: 'shop', atMs: 5, slow: 1, sources });
    expect(answer).toMatchObject({
      statements: [{ shape: 'SELECT c', p50Ms: 2_000, p95Ms: 2_000, p99Ms: 2_000 }],
      repeated: [{ shape: 'SELECT d', place: '/app/list.ts:7', times: 1 }],
    });
    expect(answer).not.toHaveProperty('plans');
    await expect(ask('/admin/queries', {}, '?node=n3')).rejects.toMatchObject({ status: 404 });
    const id = own.summary().statements[0]?.id as string;
    const path = '/admin/queries/:id/plan';
    expect(await (await ask(path, { id }, '?node=n2&source=shop')).json()).toEqual(plan);
    await expect(ask(path, { id }, '?node=n2&source=rampart')).rejects.toMatchObject({ status: 404 });
  });

  it('give the plan of a listed one, and 404 for others', async () => {
    const path = '/admin/queries/:id/plan';
    expect(await (await ask(path, { id: '0123456789abcdef' })).json()).toEqual(plan);
    await expect(ask(path, { id: 'fedcba9876543210' })).rejects.toMatchObject({ status: 404 });
    await expect(ask(path, { id: "'; DROP" })).rejects.toMatchObject({ status: 400 });
  });

  it('are for people of the console alone, and not there where nothing is measured', () => {
    expect(routes.map(({ spec }) => spec.access)).toEqual(['viewer', 'analyst']);
    expect(queryRoutes({ facts: { node: 'n1' }, clock })).toEqual([]);
  });
});
