import { describe, expect, it } from 'vitest';
import type { QueryPlan } from '../../../base/database/index.ts';
import { QueryLog } from '../../../base/database/index.ts';
import { ManualClock } from '../../../testing/clock.ts';
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

describe('the routes of statements', () => {
  const log = new QueryLog({}, { clock: new ManualClock() });
  const routes = queryRoutes({
    facts: { node: 'n1' },
    queries: {
      summary: () => log.summary(),
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

  it('give the plan of a listed one, and 404 for others', async () => {
    const path = '/admin/queries/:id/plan';
    expect(await (await ask(path, { id: '0123456789abcdef' })).json()).toEqual(plan);
    await expect(ask(path, { id: 'fedcba9876543210' })).rejects.toMatchObject({ status: 404 });
    await expect(ask(path, { id: "'; DROP" })).rejects.toMatchObject({ status: 400 });
  });

  it('are for people of the console alone, and not there where nothing is measured', () => {
    expect(routes.map(({ spec }) => spec.access)).toEqual(['viewer', 'analyst']);
    expect(queryRoutes({ facts: { node: 'n1' } })).toEqual([]);
  });
});
