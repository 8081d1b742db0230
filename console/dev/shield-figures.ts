/** Made-up figures of the shield. */
import type { ClassFigures, ShieldAnswer } from '../../src/server/api/shield-types.ts';
import type { DecisionSummary } from '../../src/server/api/types.ts';

const MINUTE = 60_000;
const start = Date.now();
type Class = ClassFigures['class'];

/** How often each class is made up, of 100 requests that inspection refuses. */
const MIX: readonly (readonly [Class, number])[] = [
  ['sql', 38],
  ['xss', 19],
  ['traversal', 14],
  ['command', 9],
  ['scanner', 8],
  ['template', 5],
  ['ssrf', 4],
  ['nosql', 3],
];

const RULES: readonly (readonly [string, number, number, string | null, string | null, string | null])[] = [
  ['sql.tautology', 0.31, 0, 'GET /products', 'query', 'page'],
  ['sql.union-select', 0.22, 0, 'GET /products', 'query', 'page'],
  ['traversal.parent', 0.2, 3, 'GET /*', 'path', ''],
  ['xss.script-tag', 0.16, 1, 'POST /reviews', 'json', 'text'],
  ['xss.event-attribute', 0.11, 2, 'POST /reviews', 'json', 'text'],
  ['command.substitution', 0.09, 0, 'POST /webhooks/ci', 'json', 'commit.message'],
  ['scanner.path', 0.08, 0, 'GET /*', 'path', ''],
  ['sql.comment-tail', 0.03, 41, 'POST /orders', 'json', 'note'],
  ['template.expression', 0.02, 12, 'PUT /themes/:id', 'json', 'template'],
  ['sql.select-inside', 0.01, 28, 'POST /articles', 'json', 'body'],
];

/** What the shield did in a span. */
export function figures(
  all: readonly DecisionSummary[],
  fromMs: number,
  toMs: number,
  openReports: number,
): ShieldAnswer {
  const isEmpty = all.length === 0;
  const buckets = 60;
  const bucketMs = Math.ceil((toMs - fromMs) / buckets);
  const sums = Array.from({ length: buckets }, (): Partial<Record<Class, number>> => ({}));
  const classes = new Map<Class, { refused: number; wouldRefuse: number; below: number }>();
  let total = 0;
  for (const one of all) {
    const isRefused = one.guard === 'inspection';
    if ((!isRefused && !one.wouldRefuse.includes('inspection')) || one.atMs < fromMs || one.atMs >= toMs)
      continue;
    const into = sums[Math.floor((one.atMs - fromMs) / bucketMs)];
    MIX.forEach(([kind, share], index) => {
      // Every minute is of another mix, as real attackers are.
      const tilt = 0.4 + ((Math.floor(one.atMs / (7 * MINUTE)) * (index + 3)) % 5) * 0.35;
      const count = Math.round((one.weight * share * tilt) / 100);
      if (count === 0 || !into) return;
      into[kind] = (into[kind] ?? 0) + count;
      const sum = classes.get(kind) ?? { refused: 0, wouldRefuse: 0, below: 0 };
      sum[isRefused ? 'refused' : 'wouldRefuse'] += count;
      sum.below += index % 3 === 0 ? Math.ceil(count / 7) : 0;
      classes.set(kind, sum);
      total += count;
    });
  }
  return {
    fromMs,
    toMs,
    bucketMs,
    posture: isEmpty
      ? {
          level: 'normal',
          own: 'normal',
          sinceMs: start - 4000,
          nodes: 0,
          rate: 0.2,
          usual: null,
          bound: null,
        }
      : {
          level: 'elevated',
          own: 'elevated',
          sinceMs: start - 4 * MINUTE,
          nodes: 1,
          rate: 912,
          usual: 148,
          bound: 592,
        },
    parts: [
      { name: 'traffic', mode: 'enforce' },
      { name: 'headers', mode: 'enforce' },
      { name: 'challenge', mode: 'enforce' },
      { name: 'place', mode: isEmpty ? 'off' : 'shadow' },
      { name: 'bots', mode: 'enforce' },
      { name: 'inspection', mode: 'enforce' },
    ],
    threshold: 5,
    series: sums.map((counts, index) => ({ atMs: fromMs + index * bucketMs, counts })),
    classes: [...classes]
      .map(([kind, sum]) => ({ class: kind, ...sum }))
      .sort((a, b) => b.refused + b.wouldRefuse - a.refused - a.wouldRefuse),
    rules:
      total === 0
        ? []
        : RULES.map(([rule, share, below, route, place, field]) => ({
            rule,
            class: rule.slice(0, rule.indexOf('.')) as Class,
            refused: Math.round(total * share),
            below,
            route,
            place,
            field,
          })).sort((a, b) => b.refused - a.refused),
    guards: guardsOf(all, fromMs, toMs),
    challenges: isEmpty ? { shown: 0, solved: 0, refused: 0 } : { shown: 4_120, solved: 3_984, refused: 61 },
    openReports,
  };
}

const SHIELD_GUARDS = new Set(['block-list', 'shield.challenge', 'inspection']);

function guardsOf(all: readonly DecisionSummary[], fromMs: number, toMs: number): ShieldAnswer['guards'] {
  const sums = new Map<string, { refused: number; challenged: number }>();
  for (const { guard, verdict, weight, atMs } of all) {
    if (guard === null || !SHIELD_GUARDS.has(guard) || atMs < fromMs || atMs >= toMs) continue;
    const sum = sums.get(guard) ?? { refused: 0, challenged: 0 };
    sum[verdict === 'challenge' ? 'challenged' : 'refused'] += weight;
    sums.set(guard, sum);
  }
  return [...sums]
    .map(([name, sum]) => ({ name, ...sum }))
    .sort((a, b) => b.refused + b.challenged - a.refused - a.challenged);
}
