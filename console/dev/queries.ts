/** Made-up slow statements and their plans for building the console. */
import type {
  QueriesAnswer,
  QueryEntry,
  QuerySourceEntry,
  RepeatedEntry,
  QueryPlanAnswer,
  QueryPlanStep,
} from '../../src/server/api/query-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const MINUTE = 60_000;
const start = Date.now();

const SHAPES: readonly (readonly [
  shape: string,
  calls: number,
  meanMs: number,
  maxMs: number,
  failures?: number,
])[] = [
  [
    'SELECT o.id, o.placed_at, o.total, c.name FROM app.orders o JOIN app.customers c ON c.id = o.customer_id WHERE o.restaurant_id = ? AND o.placed_at >= ? AND (o.state = ? OR o.state = ?) ORDER BY o.placed_at DESC LIMIT ?',
    1840,
    1612,
    9240,
  ],
  [
    'SELECT count(*) FROM app.order_lines WHERE product_id IN (SELECT id FROM app.products WHERE category = ?)',
    212,
    3904,
    12_870,
    3,
  ],
  [
    'UPDATE app.couriers SET position = ?, seen_at = ? WHERE id = ? AND seen_at < ? RETURNING id, position',
    640,
    1048,
    2210,
  ],
  [
    'INSERT INTO app.audit (id, actor, act, at, details) VALUES (?) ON CONFLICT (id) DO UPDATE SET details = EXCLUDED.details',
    58,
    1120,
    1894,
  ],
  ['REFRESH MATERIALIZED VIEW app.daily_turnover', 4, 28_400, 41_902],
  ['DELETE FROM app.sessions WHERE expires_at < ?', 12, 2190, 4080],
];

const entries: readonly QueryEntry[] = SHAPES.map(([shape, calls, meanMs, maxMs, failures = 0], index) => ({
  id: (0x9f3a_11c2_77d0_4be0n + BigInt(index)).toString(16).padStart(16, '0'),
  shape,
  calls,
  failures,
  totalMs: calls * meanMs,
  maxMs,
  lastMs: meanMs * 1.1,
  p50Ms: meanMs * 0.9,
  p95Ms: Math.min(maxMs, meanMs * 2.4),
  p99Ms: Math.min(maxMs, meanMs * 4.1),
  firstAtMs: start - (index + 2) * 180 * MINUTE,
  lastAtMs: start - (index * index + 1) * MINUTE,
})).toSorted((a, b) => b.totalMs - a.totalMs);

function step(kind: string, rest: Partial<QueryPlanStep>): QueryPlanStep {
  return {
    kind,
    table: null,
    index: null,
    rows: 1,
    cost: 0,
    condition: null,
    sortedBy: [],
    steps: [],
    ...rest,
  };
}
const PLAN: QueryPlanAnswer = {
  plan: step('Limit', {
    rows: 50,
    cost: 41_230,
    steps: [
      step('Sort', {
        rows: 412,
        cost: 41_228,
        sortedBy: ['o.placed_at DESC'],
        steps: [
          step('Hash Join', {
            rows: 412,
            cost: 41_201,
            condition: '(o.customer_id = c.id)',
            steps: [
              step('Seq Scan', {
                table: 'app.orders',
                rows: 412,
                cost: 38_412,
                condition:
                  '((o.placed_at >= ?) AND (o.restaurant_id = ?) AND ((o.state = ?) OR (o.state = ?)))',
              }),
              step('Hash', {
                rows: 48_210,
                cost: 2640,
                steps: [
                  step('Index Scan', {
                    table: 'app.customers',
                    index: 'customers_pkey',
                    rows: 48_210,
                    cost: 2640,
                  }),
                ],
              }),
            ],
          }),
        ],
      }),
    ],
  }),
  suggestions: [
    {
      table: 'app.orders',
      columns: ['restaurant_id', 'placed_at'],
      statement: 'CREATE INDEX CONCURRENTLY ON app.orders (restaurant_id, placed_at);',
      reason: 'app.orders is read whole (about 1842011 rows) to find about 412.',
    },
  ],
};
const PLAIN: QueryPlanAnswer = {
  plan: step('ModifyTable', {
    table: 'app.couriers',
    cost: 8.44,
    steps: [
      step('Index Scan', {
        table: 'app.couriers',
        index: 'couriers_pkey',
        cost: 8.44,
        condition: '(id = ?)',
      }),
    ],
  }),
  suggestions: [],
};

/** GET below /admin/queries. */
const SOURCES: readonly QuerySourceEntry[] = [
  { node: 'orders-7f9c', source: 'rampart', atMs: start, slow: 0 },
  { node: 'orders-7f9c-k2', source: 'shop', atMs: start - 4_000, slow: 2766 },
  { node: 'orders-b81d-m5', source: 'shop', atMs: start - 9_000, slow: 1930 },
  { node: 'reports-22aa-c1', source: 'warehouse', atMs: start - 26 * 60 * MINUTE, slow: 12 },
];
const REPEATED: readonly RepeatedEntry[] = [
  {
    id: '1b22c7d09e5fa610',
    shape: 'SELECT id, name, price FROM app.products WHERE id = ?',
    place: '/srv/shop/src/orders/list.ts:84',
    times: 37,
    lastAtMs: start - 2 * MINUTE,
  },
  {
    id: '77aa10c2d4e96b03',
    shape: 'SELECT count(*) FROM app.reviews WHERE product_id = ?',
    place: '/srv/shop/src/catalogue/page.ts:132',
    times: 4,
    lastAtMs: start - 51 * MINUTE,
  },
];

export function queryCall({ parts, mode, url }: Call): Answer {
  const [, id, act] = parts;
  const isEmpty = mode === 'empty';
  const node = url.searchParams.get('node') ?? 'orders-7f9c';
  const source = url.searchParams.get('source') ?? 'rampart';
  if (id === undefined) {
    const statements = isEmpty ? [] : entries;
    return ok({
      node,
      source,
      atMs: start,
      sinceMs: start - 27 * 60 * MINUTE,
      total: isEmpty ? 318 : 4_812_930,
      failures: isEmpty ? 0 : 41,
      counted: isEmpty ? 0 : 38_204,
      slow: statements.reduce((sum, { calls }) => sum + calls, 0),
      countedMs: 100,
      slowMs: 1000,
      p50Ms: 0.8,
      p95Ms: 14.2,
      p99Ms: 88.1,
      forgotten: 0,
      statements,
      repeated: isEmpty ? [] : REPEATED,
      sources: isEmpty ? SOURCES.slice(0, 1) : SOURCES,
    } satisfies QueriesAnswer);
  }
  const found = isEmpty ? undefined : entries.find((one) => one.id === id);
  if (act !== 'plan' || !found || found.shape.startsWith('REFRESH')) {
    return fail(404, 'NOT_FOUND', 'There is nothing of that name.');
  }
  return ok(found.shape.startsWith('UPDATE') ? PLAIN : PLAN);
}
