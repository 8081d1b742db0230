import { OptionsError } from '../../core/errors.ts';
import { type RampartEvent, SEVERITIES, type Severity } from '../../core/events.ts';
import { custom, type Field, type Fields, flag, optional, readOptions } from '../../core/options.ts';
import type { Scalar } from '../../core/verdict.ts';
import { type EventField, fieldOf, isField, type PlaceOf } from './fields.ts';
import { type Hours, hoursTest, readHours } from './hours.ts';

/** What a field must be. All that is said must hold; a field that the event lacks fits only `exists: false` and `not`. */
export interface Comparison {
  /** None of these. */
  readonly not?: Scalar | readonly Scalar[] | undefined;
  /** A number at least; of `severity` a severity at least. */
  readonly atLeast?: number | Severity | undefined;
  /** A number at most. */
  readonly atMost?: number | undefined;
  /** Begins with one of these. */
  readonly startsWith?: string | readonly string[] | undefined;
  /** Does not begin with any of these. */
  readonly startsNotWith?: string | readonly string[] | undefined;
  /** One of these is among its words, which blanks and commas divide. */
  readonly word?: string | readonly string[] | undefined;
  /** None of these is among its words. */
  readonly withoutWord?: string | readonly string[] | undefined;
  /** Whether the event says it at all. */
  readonly exists?: boolean | undefined;
}

/** Conditions by field, which must all hold; `hours` is about the event's time. */
export type Where = Readonly<Partial<Record<EventField, Scalar | readonly Scalar[] | Comparison>>> & {
  readonly hours?: Hours;
};

/** Tells whether an event fits. */
export type WhereTest = (event: RampartEvent, placeOf?: PlaceOf) => boolean;

const MAX_LIST = 200;

const scalars = custom<readonly Scalar[]>('a value or a list of values', (value, path) => {
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  const isPlain = (one: unknown): one is Scalar =>
    one === null || ['string', 'number', 'boolean'].includes(typeof one);
  if (values.length > 0 && values.length <= MAX_LIST && values.every(isPlain)) return values;
  throw new OptionsError(path, `expected a value, or a list of 1 to ${MAX_LIST} values`);
});
const texts = custom<readonly string[]>('a text or a list of texts', (value, path) => {
  const values = scalars.parse(value, path);
  if (values.every((one): one is string => typeof one === 'string' && one !== '')) return values;
  throw new OptionsError(path, 'expected texts');
});

interface ReadComparison {
  readonly not: readonly Scalar[] | undefined;
  readonly atLeast: number | Severity | undefined;
  readonly atMost: number | undefined;
  readonly startsWith: readonly string[] | undefined;
  readonly startsNotWith: readonly string[] | undefined;
  readonly word: readonly string[] | undefined;
  readonly withoutWord: readonly string[] | undefined;
  readonly exists: boolean | undefined;
}

const COMPARISON: Fields<ReadComparison> = {
  not: optional(scalars),
  atLeast: optional(custom<number | Severity>('a number or a severity', readBound)),
  atMost: optional(
    custom<number>('a number', (value, path) => {
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw new OptionsError(path, 'expected a number');
    }),
  ),
  startsWith: optional(texts),
  startsNotWith: optional(texts),
  word: optional(texts),
  withoutWord: optional(texts),
  exists: optional(flag(true)),
};

function readBound(value: unknown, path: string): number | Severity {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (SEVERITIES.includes(value as Severity)) return value as Severity;
  throw new OptionsError(path, `expected a number, or one of ${SEVERITIES.join(', ')}`);
}

/** Conditions of a rule: one `Where`, or several of which one must hold. */
export const whereField: Field<WhereTest> = custom(
  'conditions by field, or a list of which one must hold',
  (value, path) => {
    if (value === undefined) return () => true;
    if (!Array.isArray(value)) return readWhere(value, path);
    if (value.length === 0 || value.length > 20)
      throw new OptionsError(path, 'expected 1 to 20 alternatives');
    const tests = value.map((one, i) => readWhere(one, `${path}[${i}]`));
    return (event, placeOf) => tests.some((test) => test(event, placeOf));
  },
  true,
);

function readWhere(given: unknown, path: string): WhereTest {
  if (typeof given !== 'object' || given === null) throw new OptionsError(path, 'expected an object');
  const tests = Object.entries(given).map(([key, value]): WhereTest => {
    const at = `${path}.${key}`;
    if (key === 'hours') {
      const test = hoursTest(readHours(value, at));
      return (event) => test(event.atMs);
    }
    if (!isField(key)) throw new OptionsError(at, 'events have no such field; others are details.NAME');
    const fits = readCondition(value, at);
    return (event, placeOf) => fits(fieldOf(event, key, placeOf));
  });
  return (event, placeOf) => tests.every((test) => test(event, placeOf));
}

type Fits = (value: Scalar | undefined) => boolean;

function readCondition(given: unknown, path: string): Fits {
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return compare(readOptions<ReadComparison>(path, given, COMPARISON));
  const values = scalars.parse(given, path);
  return (value) => value !== undefined && values.includes(value);
}

function compare(asked: ReadComparison): Fits {
  const { not, atLeast, atMost, startsWith, startsNotWith, word, withoutWord, exists } = asked;
  const checks: Fits[] = [];
  if (exists !== undefined) checks.push((value) => (value !== undefined) === exists);
  if (not !== undefined) checks.push((value) => value === undefined || !not.includes(value));
  if (atLeast !== undefined) checks.push((value) => reaches(value, atLeast));
  if (atMost !== undefined) checks.push((value) => typeof value === 'number' && value <= atMost);
  if (startsWith !== undefined) checks.push((value) => begins(value, startsWith));
  if (startsNotWith !== undefined)
    checks.push((value) => value !== undefined && !begins(value, startsNotWith));
  if (word !== undefined) checks.push((value) => hasWord(value, word));
  if (withoutWord !== undefined) checks.push((value) => !hasWord(value, withoutWord));
  return (value) => checks.every((check) => check(value));
}

function reaches(value: Scalar | undefined, bound: number | Severity): boolean {
  if (typeof bound === 'number') return typeof value === 'number' && value >= bound;
  return SEVERITIES.indexOf(value as Severity) >= SEVERITIES.indexOf(bound);
}

function begins(value: Scalar | undefined, starts: readonly string[]): boolean {
  return typeof value === 'string' && starts.some((start) => value.startsWith(start));
}

function hasWord(value: Scalar | undefined, words: readonly string[]): boolean {
  return typeof value === 'string' && value.split(/[\s,]+/).some((one) => words.includes(one));
}
