import { OptionsError } from '../../core/errors.ts';
import { SEVERITIES, type Severity } from '../../core/events.ts';
import {
  custom,
  duration,
  type Field,
  type Fields,
  flag,
  list,
  number,
  oneOf,
  optional,
  readOptions,
  text,
} from '../../core/options.ts';
import { type EventField, isField } from './fields.ts';
import {
  DETECTION_TYPES,
  type DetectionType,
  RECOMMENDATIONS,
  type Recommendation,
  type RuleOptions,
} from './options.ts';
import { type Pattern, patternFor } from './state/pattern.ts';
import { whereField, type WhereTest } from './where.ts';

/** What is unusual for a group; times in milliseconds. */
export interface ReadBaseline {
  readonly least: number;
  readonly times: number;
  readonly deviations: number;
  readonly warmUp: number;
  readonly cold: number;
  readonly over: number;
  readonly per: EventField | undefined;
  readonly leastPer: number;
  readonly remember: number;
}

/** A rule that was read: times in milliseconds, conditions as functions. */
export interface Rule {
  readonly name: string;
  /** As it was written, with the defaults of the shipped one beneath. */
  readonly options: RuleOptions;
  readonly enabled: boolean;
  readonly title: string;
  readonly description: string;
  readonly on: readonly string[] | '*';
  readonly where: WhereTest;
  readonly group: readonly EventField[];
  readonly windowMs: number;
  readonly count: number;
  readonly weigh: EventField | undefined;
  readonly distinct: { readonly of: readonly EventField[]; readonly atLeast: number } | undefined;
  readonly ratio: { readonly of: WhereTest; readonly atLeast: number } | undefined;
  readonly baseline: ReadBaseline | undefined;
  readonly severity: Severity;
  readonly coolDownMs: number;
  readonly kind: DetectionType;
  readonly references: readonly string[];
  readonly recommended: readonly Recommendation[];
  /** How its window is counted; unused with a baseline. */
  readonly pattern: Pattern;
}

const MOST = 1e12;
const field = custom<EventField>('a field of events', (value, path) => {
  if (typeof value === 'string' && isField(value)) return value;
  throw new OptionsError(path, 'events have no such field; others are details.NAME');
});

function fields(atMost: number): Field<readonly EventField[]> {
  const several = list(field, { atMost });
  return custom(`a field, or up to ${atMost} of them`, (value, path) =>
    value === undefined ? [] : several.parse(Array.isArray(value) ? value : [value], path),
  );
}

const types = custom<readonly string[] | '*'>("types of events, or '*'", (value, path) => {
  if (value === '*') return value;
  const read = list(
    text({ max: 100, pattern: /^[A-Z][A-Z0-9_]*$/, about: 'a type of events, such as SIGN_IN_FAILED' }),
    {
      atMost: 50,
    },
  ).parse(value, path);
  if (read.length === 0) throw new OptionsError(path, 'expected at least one type of events');
  return read;
});

const BASELINE: Fields<ReadBaseline> = {
  least: number({ min: 0, max: MOST, fraction: true }),
  times: number({ min: 1, max: 1_000, default: 4, fraction: true }),
  deviations: number({ min: 0, max: 100, default: 6, fraction: true }),
  warmUp: number({ min: 2, max: 1_000, default: 12 }),
  cold: number({ min: 0, max: MOST, default: 0, fraction: true }),
  over: number({ min: 2, max: 10_000, default: 48 }),
  per: optional(field),
  leastPer: number({ min: 1, max: MOST, default: 1, fraction: true }),
  remember: duration({ min: '1h', max: '90d', default: '30d' }),
};

interface Raw extends Omit<Rule, 'name' | 'options' | 'windowMs' | 'coolDownMs' | 'pattern'> {
  readonly window: number;
  readonly coolDown: number | undefined;
}

const RULE: Fields<Raw> = {
  enabled: flag(true),
  title: text({ min: 3, max: 120 }),
  description: text({ min: 3, max: 500 }),
  on: types,
  where: whereField,
  group: fields(4),
  window: duration({ min: '10s', max: '31d' }),
  count: number({ min: 1, max: MOST, default: 1, fraction: true }),
  weigh: optional(field),
  distinct: optional(
    custom('what is told apart, and how many', (value, path) =>
      readOptions<NonNullable<Raw['distinct']>>(path, value, {
        of: fields(4),
        atLeast: number({ min: 2, max: 90 }),
      }),
    ),
  ),
  ratio: optional(
    custom('what is compared, and which share', (value, path) =>
      readOptions<NonNullable<Raw['ratio']>>(path, value, {
        of: whereField,
        atLeast: number({ min: 0.01, max: 1, fraction: true }),
      }),
    ),
  ),
  baseline: optional(
    custom('what is unusual', (value, path) => readOptions<ReadBaseline>(path, value, BASELINE)),
  ),
  severity: oneOf(SEVERITIES),
  coolDown: optional(duration({ min: '1s', max: '31d' })),
  kind: oneOf(DETECTION_TYPES, 'DETECTION'),
  references: list(text({ max: 120 }), { atMost: 10, default: [] }),
  recommended: list(oneOf(RECOMMENDATIONS), { atMost: 5, default: ['look'] }),
};

/**
 * Reads a rule.
 * @throws OptionsError naming the path and the reason
 */
export function readRule(name: string, options: RuleOptions, path = `detect.rules.${name}`): Rule {
  if (!/^[a-z][a-z0-9_]{2,59}$/.test(name))
    throw new OptionsError(
      path,
      'a rule is named by 3 to 60 small letters, digits and _, beginning with a letter',
    );
  const { window, coolDown, ...rest } = readOptions<Raw>(path, options, RULE);
  refuseNonsense(rest, path);
  const distinct = rest.distinct?.atLeast ?? 0;
  return {
    ...rest,
    name,
    options,
    windowMs: window,
    coolDownMs: coolDown ?? window,
    weigh: rest.weigh,
    distinct: rest.distinct,
    ratio: rest.ratio,
    baseline: rest.baseline,
    pattern: patternFor(rest.ratio !== undefined, distinct),
  };
}

function refuseNonsense(
  { baseline, ratio, distinct, count }: Omit<Raw, 'window' | 'coolDown'>,
  path: string,
): void {
  if (distinct !== undefined && distinct.of.length === 0)
    throw new OptionsError(`${path}.distinct.of`, 'expected a field');
  if (baseline === undefined) return;
  if (ratio !== undefined || distinct !== undefined || count !== 1)
    throw new OptionsError(`${path}.baseline`, 'does not go with count, distinct or ratio');
}
