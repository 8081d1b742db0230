import { hash } from 'node:crypto';
import type { RampartEvent } from '../../core/events.ts';
import type { CounterProgram } from '../../ports/counter.ts';
import { type EventField, fieldOf, type PlaceOf } from './fields.ts';
import { DETECTION_TYPES } from './options.ts';
import type { ReadBaseline, Rule } from './rule.ts';
import { BASELINE, BASELINE_ARG } from './state/baseline.ts';
import { BUCKETS } from './state/layout.ts';
import { PATTERN_ARG } from './state/pattern.ts';

/** What a rule makes of an event: all that the decision looks at beside the row. */
export interface Features {
  readonly rule: Rule;
  /** Values of the group's fields, in the order of the rule. */
  readonly values: readonly string[];
  /** Name of the group's row, the same on every node: 22 characters that tell nothing. */
  readonly key: string;
  readonly program: CounterProgram;
  readonly args: readonly number[];
  /** Whether the event itself counts, and is not only compared with. */
  readonly counted: boolean;
}

const OWN: ReadonlySet<string> = new Set([...DETECTION_TYPES, 'DETECTION_UPDATED']);
const DIVIDER = '\u001f';

/** Whether an event is itself a detection: those are never looked at, so that nothing feeds itself. */
export function isDetection(event: RampartEvent): boolean {
  return OWN.has(event.type) && event.details?.['detection'] !== undefined;
}

/** Reads an event for a rule. @returns `undefined` where the rule does not look at it */
export function featuresOf(rule: Rule, event: RampartEvent, placeOf?: PlaceOf): Features | undefined {
  if (!rule.where(event, placeOf)) return undefined;
  const values = valuesOf(rule.group, event, placeOf);
  if (values === undefined) return undefined;
  const weight = weightOf(rule.weigh, event, placeOf);
  const args =
    rule.baseline === undefined
      ? patternArgs(rule, event, weight, placeOf)
      : baselineArgs(rule, rule.baseline, event, weight, placeOf);
  if (args === undefined) return undefined;
  return {
    rule,
    values,
    key: hash('sha256', nameOf(rule, values), 'base64url').slice(0, 22),
    program: rule.baseline === undefined ? rule.pattern.program : BASELINE,
    args,
    counted: (args[rule.baseline === undefined ? PATTERN_ARG.counted : BASELINE_ARG.counted] as number) > 0,
  };
}

function patternArgs(
  rule: Rule,
  event: RampartEvent,
  weight: number,
  placeOf: PlaceOf | undefined,
): readonly number[] | undefined {
  const fits = rule.ratio === undefined || rule.ratio.of(event, placeOf);
  const member = fits ? memberOf(rule, event, placeOf) : 0;
  // What tells nobody apart cannot show how many there are.
  const counted = fits && member !== undefined ? weight : 0;
  if (counted === 0 && (rule.ratio === undefined || weight === 0)) return undefined;
  const bucketMs = rule.windowMs / BUCKETS;
  const { atLeast = 0 } = rule.distinct ?? {};
  return [
    event.atMs,
    bucketMs,
    rule.coolDownMs,
    rule.count,
    atLeast,
    rule.ratio?.atLeast ?? 0,
    counted,
    weight,
    member ?? 0,
    Math.max(rule.windowMs + bucketMs, rule.coolDownMs),
  ];
}

/** @returns 0 where nobody asks, `undefined` where the event does not say */
function memberOf(rule: Rule, event: RampartEvent, placeOf: PlaceOf | undefined): number | undefined {
  if (rule.distinct === undefined) return 0;
  const values = valuesOf(rule.distinct.of, event, placeOf);
  return values === undefined
    ? undefined
    : parseInt(hash('sha256', nameOf(rule, values)).slice(0, 8), 16) || 1;
}

function baselineArgs(
  rule: Rule,
  baseline: ReadBaseline,
  event: RampartEvent,
  counted: number,
  placeOf: PlaceOf | undefined,
): readonly number[] {
  const { per } = baseline;
  return [
    event.atMs,
    rule.windowMs,
    rule.coolDownMs,
    baseline.least,
    baseline.times,
    baseline.deviations,
    baseline.warmUp,
    baseline.cold,
    counted,
    per === undefined ? 0 : positive(fieldOf(event, per, placeOf)),
    per === undefined ? 0 : baseline.leastPer,
    1 / baseline.over,
    Math.max(baseline.remember, rule.coolDownMs),
  ];
}

function valuesOf(
  fields: readonly EventField[],
  event: RampartEvent,
  placeOf: PlaceOf | undefined,
): readonly string[] | undefined {
  const values: string[] = [];
  for (const field of fields) {
    const value = fieldOf(event, field, placeOf);
    if (value === undefined) return undefined;
    values.push(String(value));
  }
  return values;
}

/** An event that says no number counts once: the first of many is told without one. */
function weightOf(weigh: EventField | undefined, event: RampartEvent, placeOf: PlaceOf | undefined): number {
  const value = weigh === undefined ? undefined : fieldOf(event, weigh, placeOf);
  return value === undefined ? 1 : positive(value);
}

function positive(value: unknown): number {
  return typeof value === 'number' && value > 0 && value < Number.MAX_SAFE_INTEGER ? value : 0;
}

function nameOf(rule: Rule, values: readonly string[]): string {
  return rule.name + DIVIDER + values.join(DIVIDER);
}
