import { OptionsError } from '../../core/errors.ts';
import type { Mode } from '../../core/guard.ts';
import {
  custom,
  duration,
  either,
  type Field,
  type Fields,
  flag,
  list,
  number,
  oneOf,
  optional,
  readOptions,
  record,
  text,
} from '../../core/options.ts';
import { parsePattern } from '../../core/route.ts';
import { ALGORITHMS, type AlgorithmName } from './algorithms/algorithm.ts';
import { LEASE_SIZES } from './algorithms/leases.ts';
import { LOG_SIZES } from './algorithms/log.ts';
import {
  type AdaptiveStep,
  type CostFunction,
  type KeySource,
  type OnStoreFailure,
  STORE_FAILURES,
} from './options.ts';

/** Penalties as they are counted. */
export interface PenaltySettings {
  readonly steps: readonly number[];
  readonly maxMs: number;
  readonly decayMs: number;
}

/** A policy, checked and in milliseconds. */
export interface PolicySettings {
  readonly name: string;
  readonly max: number | Readonly<Record<string, number>>;
  readonly windowMs: number;
  readonly by: readonly KeySource[];
  readonly algorithm: AlgorithmName;
  readonly burst: number | undefined;
  readonly penalties: PenaltySettings | undefined;
  readonly onStoreFailure: OnStoreFailure;
  readonly mode: Mode;
  readonly code: string;
  readonly countRefused: boolean;
  readonly cost: number | CostFunction;
  readonly adaptive: readonly AdaptiveStep[];
  readonly everywhere: boolean;
  readonly refuseBy: 'deny' | 'challenge';
}

/** `LimitsOptions`, checked and in milliseconds. */
export interface LimitsSettings {
  readonly policies: readonly PolicySettings[];
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly routes: Readonly<Record<string, string | readonly string[] | false>>;
  readonly storeBudget: number;
  readonly failuresToOpen: number;
  readonly probeEvery: number;
}

const MOST = 1e12;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ADAPTIVE: readonly AdaptiveStep[] = [
  { above: 0.7, share: 0.3 },
  { above: 0.5, share: 0.6 },
];
const STEPS = [1, 2, 4, 8, 16, 32, 64, 128];

const isText = (value: unknown): boolean => typeof value === 'string';
const isList = (value: unknown): boolean => Array.isArray(value);
const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const functionField = <T>(about: string): Field<T> => custom(about, (value) => value as T);

const limit = number({ min: 1, max: MOST });
const source: Field<KeySource> = either(
  isFunction,
  functionField<KeySource>('a function'),
  text({
    max: 107,
    pattern:
      /^(?:ip|user|session|role|route|apiKey|tenant|account|header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})$/,
    about: 'ip, user, session, role, route, apiKey, tenant, account, header:NAME, or a function',
  }) as Field<KeySource>,
);
const step: Field<AdaptiveStep> = {
  about: 'above: 0 to 1, share: above 0 to 1',
  parse: (value, path) =>
    readOptions<AdaptiveStep>(path, value, {
      above: number({ min: 0, max: 1, fraction: true }),
      share: number({ min: 0.001, max: 1, fraction: true }),
    }),
};

interface RawPenalty {
  readonly steps: readonly number[];
  readonly max: number | undefined;
  readonly decayAfter: number | undefined;
}
const penalty: Field<RawPenalty> = {
  about: 'steps, max, decayAfter',
  parse: (value, path) =>
    readOptions<RawPenalty>(path, value, {
      steps: list(number({ min: 1, max: 100_000, fraction: true }), { atMost: 20, default: STEPS }),
      max: optional(duration({ min: '1s', max: '30d' })),
      decayAfter: optional(duration({ min: '1s', max: '30d' })),
    }),
};

type RawPolicy = Omit<PolicySettings, 'windowMs' | 'by' | 'penalties' | 'adaptive' | 'name'> & {
  readonly window: number;
  readonly by: KeySource | readonly KeySource[];
  readonly penalties: boolean | RawPenalty;
  readonly adaptive: boolean | readonly AdaptiveStep[];
};

const POLICY: Fields<RawPolicy> = {
  max: either((value) => typeof value === 'object' && value !== null, record(limit), limit),
  window: duration({ min: '1s', max: '30d' }),
  by: either(isList, list(source, { atMost: 5 }), source),
  algorithm: oneOf(ALGORITHMS, 'sliding'),
  burst: optional(limit),
  penalties: either(isFlag, flag(false), penalty),
  onStoreFailure: oneOf(STORE_FAILURES, 'local'),
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  code: text({
    max: 60,
    pattern: /^[A-Z][A-Z0-9_]*$/,
    default: 'RATE_LIMIT_EXCEEDED',
    about: 'upper-case code',
  }),
  countRefused: flag(false),
  cost: either(
    isFunction,
    functionField<CostFunction>('a function'),
    number({ min: 1, max: MOST, default: 1 }),
  ),
  adaptive: either(isFlag, flag(false), list(step, { atMost: 10 })),
  everywhere: flag(false),
  refuseBy: oneOf(['deny', 'challenge'], 'deny'),
};

const NAME = text({
  max: 40,
  pattern: /^[A-Za-z][A-Za-z0-9_-]*$/,
  about: 'a name of letters, digits, _ and -, starting with a letter',
});

/**
 * Checks one policy.
 * @throws OptionsError naming the path and the reason
 */
export function parsePolicy(name: string, given: unknown, path: string): PolicySettings {
  NAME.parse(name, path);
  const raw = readOptions<RawPolicy>(path, given, POLICY);
  const by = typeof raw.by === 'string' || typeof raw.by === 'function' ? [raw.by] : raw.by;
  if (by.length === 0) throw new OptionsError(`${path}.by`, 'expected at least one source');
  const settings: PolicySettings = {
    ...raw,
    name,
    by,
    windowMs: raw.window,
    burst: raw.burst,
    penalties: penaltiesOf(raw.penalties, raw.window, path),
    adaptive: (raw.adaptive === true ? ADAPTIVE : raw.adaptive === false ? [] : raw.adaptive).toSorted(
      (a, b) => b.above - a.above,
    ),
  };
  checkTogether(settings, path);
  return settings;
}

function penaltiesOf(
  given: boolean | RawPenalty,
  windowMs: number,
  path: string,
): PenaltySettings | undefined {
  if (given === false) return undefined;
  const raw = given === true ? { steps: STEPS, max: undefined, decayAfter: undefined } : given;
  if (raw.steps.length === 0) throw new OptionsError(`${path}.penalties.steps`, 'expected at least one step');
  if (raw.max !== undefined && raw.max < windowMs)
    throw new OptionsError(`${path}.penalties.max`, 'is shorter than the window');
  if (raw.decayAfter !== undefined && raw.decayAfter < windowMs)
    throw new OptionsError(`${path}.penalties.decayAfter`, 'is shorter than the window');
  return {
    steps: raw.steps,
    maxMs: raw.max ?? Math.max(DAY_MS, windowMs),
    decayMs: raw.decayAfter ?? Math.max(HOUR_MS, windowMs),
  };
}

/** The largest limit of a policy. */
export function largest(max: PolicySettings['max']): number {
  return typeof max === 'number' ? max : Math.max(...Object.values(max));
}

function checkTogether(policy: PolicySettings, path: string): void {
  const refuse = (option: string, reason: string): never => {
    throw new OptionsError(`${path}.${option}`, reason);
  };
  const { algorithm, max } = policy;
  if (typeof max === 'object' && Object.keys(max).length === 0) refuse('max', 'the table names no role');
  if (typeof max === 'object' && Object.keys(max).length > 100)
    refuse('max', 'the table names more than 100 roles');
  const most = { log: LOG_SIZES.at(-1), concurrency: LEASE_SIZES.at(-1) }[algorithm as string];
  if (most !== undefined && largest(max) > most)
    refuse('max', `${largest(max)} is more than '${algorithm}' can count; it takes at most ${most}`);
  if (policy.burst !== undefined && algorithm !== 'gcra')
    refuse('burst', "only the algorithm 'gcra' has a burst");
  if (algorithm !== 'concurrency') return;
  if (policy.penalties) refuse('penalties', "the algorithm 'concurrency' has no penalties");
  if (policy.countRefused) refuse('countRefused', "the algorithm 'concurrency' counts only what it granted");
  if (policy.cost !== 1) refuse('cost', "with the algorithm 'concurrency' every request takes one place");
}

interface RawLimits extends Omit<LimitsSettings, 'policies'> {
  readonly policies: readonly (readonly [string, unknown, string])[];
}

/** Policies as names, what was given, and where: from an object or from a list. */
const policies = custom('policies by name, or a list of policies with names', (value, path) => {
  if (typeof value !== 'object' || value === null)
    throw new OptionsError(path, 'expected an object of policies by name');
  if (!Array.isArray(value))
    return Object.entries(value).map(([name, one]) => [name, one, `${path}.${name}`] as const);
  return value.map((one: unknown, i) => {
    if (typeof one !== 'object' || one === null) throw new OptionsError(`${path}[${i}]`, 'expected a policy');
    const { name, ...rest } = one as { name?: unknown };
    return [NAME.parse(name, `${path}[${i}].name`), rest, `${path}[${i}]`] as const;
  });
});

const names = either(isText, text({ max: 40 }), list(text({ max: 40 }), { atMost: 50 }));
const route: Field<string | readonly string[] | false> = {
  about: 'a policy, several, or false',
  parse: (value, path) => (value === false ? false : names.parse(value, path)),
};
const entries = list(text({ max: 200 }), { atMost: 10_000, default: [] });

/**
 * Checks the options of all limits.
 * @throws OptionsError naming the path and the reason
 */
export function parseLimits(given: unknown, path = 'limits'): LimitsSettings {
  const raw = readOptions<RawLimits>(path, given, {
    policies,
    allow: entries,
    deny: entries,
    routes: record(route, { default: {} }),
    storeBudget: duration({ min: '1ms', max: '10s', default: '50ms' }),
    failuresToOpen: number({ min: 1, max: 1_000, default: 3 }),
    probeEvery: duration({ min: '10ms', max: '5m', default: '1s' }),
  });
  if (raw.policies.length > 200) throw new OptionsError(`${path}.policies`, 'more than 200 policies');
  const seen = new Set<string>();
  const parsed = raw.policies.map(([name, one, where]) => {
    // Two names that differ only in case would be one row in a reader's mind.
    if (seen.has(name.toLowerCase())) throw new OptionsError(where, `two policies are named '${name}'`);
    seen.add(name.toLowerCase());
    return parsePolicy(name, one, where);
  });
  for (const [pattern, wanted] of Object.entries(raw.routes)) {
    if (!parsePattern(pattern))
      throw new OptionsError(`${path}.routes.${pattern}`, "is not a pattern such as 'POST /auth/*'");
    checkNames(wanted, parsed, `${path}.routes.${pattern}`);
  }
  return { ...raw, policies: parsed };
}

/**
 * Checks that a route names policies that exist.
 * @throws OptionsError
 */
export function checkNames(
  wanted: string | readonly string[] | false,
  known: readonly { readonly name: string }[],
  path: string,
): void {
  for (const name of wanted === false ? [] : typeof wanted === 'string' ? [wanted] : wanted) {
    if (!known.some((policy) => policy.name === name))
      throw new OptionsError(
        path,
        `there is no policy '${name}'; known: ${known.map((one) => one.name).join(', ')}`,
      );
  }
}
