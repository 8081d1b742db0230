import { OptionsError } from '../../core/errors.ts';
import { custom, type Fields, flag, list, number, readOptions, record, text } from '../../core/options.ts';
import { type Hours, readHours } from './hours.ts';
import type { DetectOptions, RuleOptions } from './options.ts';
import { readRule, type Rule } from './rule.ts';
import { shippedRules } from './rules/index.ts';

/** Options that were read. */
export interface ReadDetect {
  readonly enabled: boolean;
  /** Shipped ones first, each with its changes; those that are switched off have `enabled: false`. */
  readonly rules: readonly Rule[];
  readonly maxGroups: number;
  readonly maxWaiting: number;
}

interface Raw {
  readonly enabled: boolean;
  readonly rules: Readonly<Record<string, Partial<RuleOptions> | false>>;
  readonly workingHours: Omit<Hours, 'when'>;
  readonly adminRoles: readonly string[];
  readonly maxGroups: number;
  readonly maxWaiting: number;
}

const MAX_OWN = 200;
const DEFAULT_HOURS: Omit<Hours, 'when'> = { between: '06:00-20:00', days: [1, 2, 3, 4, 5], timeZone: 'UTC' };

const FIELDS: Fields<Raw> = {
  enabled: flag(true),
  rules: record(
    custom<Partial<RuleOptions> | false>('a rule, or false', (value, path) => {
      if (value === false || (typeof value === 'object' && value !== null)) return value;
      throw new OptionsError(path, 'expected a rule, or false');
    }),
    { default: {} },
  ),
  workingHours: custom(
    'hours, days and time zone',
    (value, path) => {
      if (value === undefined) return DEFAULT_HOURS;
      const { when: _, ...hours } = readHours({ ...(value as object), when: 'outside' }, path);
      return hours;
    },
    true,
  ),
  adminRoles: list(text({ max: 100 }), { atMost: 20, default: ['administrator', 'admin'] }),
  maxGroups: number({ min: 100, max: 1_000_000, default: 50_000 }),
  maxWaiting: number({ min: 100, max: 1_000_000, default: 10_000 }),
};

/** Members of a rule that are changed one by one, not as a whole. */
const NESTED = ['baseline', 'distinct', 'ratio'] as const;

/**
 * Reads the options and all rules.
 * @throws OptionsError naming the path and the reason
 */
export function readDetectOptions(given: DetectOptions = {}): ReadDetect {
  const raw = readOptions<Raw>('detect', given, FIELDS);
  const shipped = shippedRules(raw);
  const own = Object.keys(raw.rules).filter((name) => !Object.hasOwn(shipped, name));
  if (own.length > MAX_OWN) throw new OptionsError('detect.rules', `more than ${MAX_OWN} rules of your own`);
  const rules = [
    ...Object.entries(shipped).map(([name, options]) => readRule(name, changed(options, raw.rules[name]))),
    ...own.map((name) =>
      readOwn(name, raw.rules[name] as Partial<RuleOptions> | false, Object.keys(shipped)),
    ),
  ];
  return { enabled: raw.enabled, rules, maxGroups: raw.maxGroups, maxWaiting: raw.maxWaiting };
}

function readOwn(name: string, options: Partial<RuleOptions> | false, shipped: readonly string[]): Rule {
  if (options === false || !('on' in options))
    throw new OptionsError(
      `detect.rules.${name}`,
      `there is no shipped rule of this name; there are ${shipped.join(', ')}`,
    );
  return readRule(name, options as RuleOptions);
}

function changed(options: RuleOptions, change: Partial<RuleOptions> | false | undefined): RuleOptions {
  if (change === undefined) return options;
  if (change === false) return { ...options, enabled: false };
  const merged: Record<string, unknown> = { ...options, ...change };
  for (const name of NESTED)
    if (options[name] !== undefined && change[name] !== undefined)
      merged[name] = { ...options[name], ...change[name] };
  return merged as unknown as RuleOptions;
}
