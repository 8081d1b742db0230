import type { Rule } from './rule.ts';

/** What a rule looks for, in one line with the numbers as they are written. */
export function wordsOf({ options }: Pick<Rule, 'options'>): string {
  const { count = 1, weigh, distinct, ratio, baseline, window, group } = options;
  const fields = [group ?? []].flat();
  const by = fields.length === 0 ? 'all together' : `by ${fields.join(', ')}`;
  if (baseline !== undefined) {
    const { least, times = 4, deviations = 6, per } = baseline;
    const what = `${weigh ?? 'events'}${per === undefined ? '' : ` ÷ ${per}`}`;
    return `${what} of ${window} ≥ ${times} × usual and ${deviations} deviations above it, at least ${least}; ${by}`;
  }
  const parts = [`${count}${weigh === undefined ? '' : ` (${weigh})`}`];
  if (distinct !== undefined) parts.push(`${distinct.atLeast} different ${[distinct.of].flat().join(', ')}`);
  if (ratio !== undefined) parts.push(`${Math.round(ratio.atLeast * 100)} % of all`);
  return `≥ ${parts.join(', ')} in ${window}; ${by}`;
}
