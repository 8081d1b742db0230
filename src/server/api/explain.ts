import type { Decider } from '../../core/decide.ts';
import { type DecisionRecord, type DecisionStep, replayStep } from '../../core/decision.ts';
import type { Reason, Remedy, Verdict } from '../../core/verdict.ts';
import { refusedOf, totalOf } from '../data/index.ts';
import type { DecisionAnswer, OverviewAnswer, TrafficCounts } from './types.ts';

type Step = DecisionAnswer['steps'][number];

/** Each step of a record with its reason, computed again where the record holds evidence. */
export function explainSteps(
  record: DecisionRecord,
  deciders: ReadonlyMap<string, Decider>,
  phaseOf: (guard: string) => string | null,
): readonly Step[] {
  return record.steps.map((step) => {
    const again = computeAgain(step, deciders);
    return {
      guard: step.guard,
      phase: phaseOf(step.guard),
      mode: step.mode,
      verdict: step.verdict,
      reason: step.reason ?? again?.reason ?? null,
      replayed: again === undefined ? null : again.kind === step.verdict,
    };
  });
}

function computeAgain(step: DecisionStep, deciders: ReadonlyMap<string, Decider>): Verdict | undefined {
  try {
    return replayStep(step, deciders);
  } catch {
    // No evidence, a decider of another version, or evidence that it no longer reads: the page says "not replayable".
    return undefined;
  }
}

/** One sentence: why the request went the way it did. */
export function sentenceOf(record: DecisionRecord, steps: readonly Step[]): string {
  const shadow =
    record.wouldRefuse.length > 0
      ? ` ${listed(record.wouldRefuse)} would have refused it, but only ${record.wouldRefuse.length === 1 ? 'watches' : 'watch'}.`
      : '';
  if (record.verdict === 'pass') {
    const asked = steps.filter(({ mode }) => mode === 'enforce').length;
    const guards = asked === 1 ? 'The one guard that was asked' : `All ${asked} guards that were asked`;
    return asked === 0
      ? `Let through: no guard stands on this route.${shadow}`
      : `Let through: ${guards}${shadow === '' ? ' had nothing against it' : ' let it pass'}.${shadow}`;
  }
  const why = decisive(record, steps)?.reason?.text ?? 'No reason was kept.';
  const verb = { deny: 'Refused', challenge: 'Asked for proof', answer: 'Answered' }[record.verdict];
  return `${verb} by ${record.guard ?? 'the corridor'}: ${why}${shadow}`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function decisive(record: DecisionRecord, steps: readonly Step[]): Step | undefined {
  return (
    steps.findLast((step) => step.guard === record.guard && step.verdict === record.verdict) ??
    steps.findLast((step) => step.mode === 'enforce' && step.verdict === record.verdict)
  );
}

/** What would make the same request pass, in words; empty for a pass. */
export function remediesOf(record: DecisionRecord, steps: readonly Step[]): readonly string[] {
  if (record.verdict !== 'deny' && record.verdict !== 'challenge') return [];
  const found = new Set<string>();
  // A remedy speaks for all that stands below it: what only contributed there need not be mended as well.
  const walk = (reason: Reason, depth: number): void => {
    if (reason.remedy) found.add(inWords(reason.remedy));
    else if (depth < 16) for (const inner of reason.because ?? []) walk(inner, depth + 1);
  };
  const reason = decisive(record, steps)?.reason;
  if (reason) walk(reason, 0);
  return [...found];
}

function inWords(remedy: Remedy): string {
  switch (remedy.do) {
    case 'wait':
      return `Wait ${waitInWords(remedy.seconds)}.`;
    case 'sign-in':
      return 'Sign in.';
    case 'change':
      // Some guards say the whole sentence.
      return remedy.what.endsWith('.') ? remedy.what : `Change ${remedy.what}.`;
    case 'ask':
      return `Ask ${remedy.whom}${remedy.what.startsWith('to ') ? '' : ' for'} ${remedy.what}.`;
    case 'nothing':
      return 'Nothing would: such a request is never let through.';
  }
}

function waitInWords(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 120) return `${whole} s`;
  return whole < 7_200 ? `${Math.ceil(whole / 60)} min` : `${Math.ceil(whole / 3_600)} h`;
}

const FORMAT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** What the overview's chart shows, in words. */
export function summaryOf(overview: Pick<OverviewAnswer, 'totals' | 'previousTotals'>): string {
  const { totals, previousTotals } = overview;
  const all = totalOf(totals);
  if (all === 0) return 'No requests in this span.';
  const refused = refusedOf(totals);
  const parts = (
    [
      ['limited', 'limited'],
      ['blocked', 'blocked'],
      ['challenged', 'challenged'],
    ] as const
  )
    .filter(([name]) => totals[name] > 0)
    .map(([name, word]) => `${FORMAT.format(totals[name])} ${word}`);
  const share = `${percent(all - refused, all)} let through`;
  const shadow =
    totals.wouldRefuse > 0
      ? ` Guards in shadow mode would have refused ${FORMAT.format(totals.wouldRefuse)} more.`
      : '';
  return `${FORMAT.format(all)} ${all === 1 ? 'request' : 'requests'}, ${share}${parts.length > 0 ? `, ${parts.join(', ')}` : ''}${comparison(totals, previousTotals)}.${shadow}`;
}

function percent(part: number, whole: number): string {
  const share = (part / whole) * 100;
  return share === 100 || share < 99.95 ? `${Number(share.toFixed(1))} %` : 'more than 99.9 %';
}

function comparison(now: TrafficCounts, before: TrafficCounts): string {
  const [refused, earlier] = [refusedOf(now), refusedOf(before)];
  if (totalOf(before) === 0 || refused === earlier) return '';
  if (earlier === 0) return `; none were refused in the span before`;
  const change = Math.round(((refused - earlier) / earlier) * 100);
  if (change === 0) return '';
  return `; refusals ${change > 0 ? 'up' : 'down'} ${FORMAT.format(Math.abs(change))} % on the span before`;
}
