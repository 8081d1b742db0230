import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import {
  custom,
  duration,
  type Fields,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  record,
} from '../../../core/options.ts';
import type { BlockHow, Responder } from './lease.ts';
import { RESPONDERS } from './lease.ts';
import { SHIPPED_RESPONSES } from './shipped.ts';

/** Whom of a detection a response is about, or a word that its responder takes. */
export const RESPONSE_SUBJECTS = [
  'address',
  'account',
  'all',
  'elevated',
  'attack',
  'read-only',
  'admins-only',
] as const;

/** What is done when a detector speaks. */
export interface ResponseRule {
  readonly responder: Responder;
  /** Of the detection its `address` or `account`; or `all`, or a word of the responder's. */
  readonly of: (typeof RESPONSE_SUBJECTS)[number];
  /** How a block meets people: `deny` (default), or `challenge`, which lets in who solves it. */
  readonly how?: BlockHow;
  /** How long it acts, 1m to 7d; default 1h. */
  readonly ttl?: Duration;
  /** Default that of `responses.mode`; `shadow` writes down what it would have done. */
  readonly mode?: 'enforce' | 'shadow';
}

/** Automatic responses. */
export interface ResponseOptions {
  /** `shadow` (default) writes down what would have been done; `enforce` does it; `off` looks at nothing. */
  readonly mode?: 'enforce' | 'shadow' | 'off';
  /** What is done by detector; `false` for nothing. The shipped ones stay unless named. */
  readonly rules?: Readonly<Record<string, ResponseRule | false>>;
  /** What automatic responses may touch together. */
  readonly budget?: {
    /** Share of all traffic, 0 to 1; default 0.05. */
    readonly traffic?: number;
    /** Share of the people in good standing, 0 to 1; default 0.005. */
    readonly accounts?: number;
    /** Automatic responses that act at a time, 1 to 1,000; default 200. */
    readonly acting?: number;
    /** What began within this time counts, even if it has ended; 1m to 24h, default 1h. */
    readonly window?: Duration;
  };
  /** First a part of those whom a response hits. */
  readonly stage?: {
    /** Share, 0.01 to 1; default 0.05. 1: at once on all. */
    readonly share?: number;
    /** For how long, 10s to 1h; default 60s. */
    readonly for?: Duration;
  };
  /** When a response is taken back by itself. */
  readonly harm?: {
    /** Fall of a ratio that counts, 0.01 to 1; default 0.15. */
    readonly fall?: number;
    /** Observations before and since that it takes, 5 to 100,000; default 30. */
    readonly least?: number;
    /** Different people in good standing whom a staged block may meet, 0 to 10,000; default 2. */
    readonly people?: number;
  };
  /** Signed in for so long: in good standing. 1h to 90d; default 3d. */
  readonly goodAfter?: Duration;
  /** How long a response waits for people, 1m to 7d; default 1h. */
  readonly approvalWithin?: Duration;
}

/** A rule that was read. */
export interface ReadRule extends Omit<ResponseRule, 'ttl'> {
  readonly how: BlockHow;
  readonly ttlMs: number;
}

/** Options that were read. Durations in milliseconds. */
export interface ReadResponses {
  readonly mode: 'enforce' | 'shadow' | 'off';
  readonly rules: ReadonlyMap<string, ReadRule>;
  readonly budget: {
    readonly traffic: number;
    readonly accounts: number;
    readonly acting: number;
    readonly windowMs: number;
  };
  readonly stage: { readonly share: number; readonly forMs: number };
  readonly harm: { readonly fall: number; readonly least: number; readonly people: number };
  readonly goodAfterMs: number;
  readonly approvalMs: number;
}

interface RawRule extends Omit<ResponseRule, 'ttl' | 'how' | 'mode'> {
  readonly how: BlockHow;
  readonly ttl: number;
  readonly mode: 'enforce' | 'shadow' | undefined;
}

const share = (fallback: number, min = 0) => number({ min, max: 1, fraction: true, default: fallback });

const RULE_FIELDS: Fields<RawRule> = {
  responder: oneOf(RESPONDERS),
  of: oneOf(RESPONSE_SUBJECTS),
  how: oneOf(['deny', 'challenge'] as const, 'deny'),
  ttl: duration({ min: '1m', max: '7d', default: '1h' }),
  mode: optional(oneOf(['enforce', 'shadow'] as const)),
};

interface Raw {
  readonly mode: ReadResponses['mode'];
  readonly rules: Readonly<Record<string, RawRule | false>>;
  readonly budget: {
    readonly traffic: number;
    readonly accounts: number;
    readonly acting: number;
    readonly window: number;
  };
  readonly stage: { readonly share: number; readonly for: number };
  readonly harm: ReadResponses['harm'];
  readonly goodAfter: number;
  readonly approvalWithin: number;
}

const FIELDS: Fields<Raw> = {
  mode: oneOf(['enforce', 'shadow', 'off'] as const, 'shadow'),
  rules: record(
    custom<RawRule | false>('a rule, or false', (value, path) =>
      value === false ? false : readRule(path, value),
    ),
    { default: {} },
  ),
  budget: object(
    {
      traffic: share(0.05),
      accounts: share(0.005),
      acting: number({ min: 1, max: 1_000, default: 200 }),
      window: duration({ min: '1m', max: '24h', default: '1h' }),
    },
    {},
  ),
  stage: object({ share: share(0.05, 0.01), for: duration({ min: '10s', max: '1h', default: '60s' }) }, {}),
  harm: object(
    {
      fall: share(0.15, 0.01),
      least: number({ min: 5, max: 100_000, default: 30 }),
      people: number({ min: 0, max: 10_000, default: 2 }),
    },
    {},
  ),
  goodAfter: duration({ min: '1h', max: '90d', default: '3d' }),
  approvalWithin: duration({ min: '1m', max: '7d', default: '1h' }),
};

/** Subjects that each responder takes. */
const TAKES: Readonly<Record<Responder, readonly ResponseRule['of'][]>> = {
  block: ['address'],
  'lock-account': ['account'],
  'end-sessions': ['account'],
  'require-step-up': ['account', 'all'],
  'tighten-limits': ['address', 'account', 'all'],
  'raise-posture': ['elevated', 'attack'],
  lockdown: ['read-only', 'admins-only'],
  'freeze-payments': ['account', 'all'],
  'disable-admins': ['all'],
};

function readRule(path: string, given: unknown): RawRule {
  const rule = readOptions<RawRule>(path, given, RULE_FIELDS);
  const takes = TAKES[rule.responder];
  if (!takes.includes(rule.of))
    throw new OptionsError(`${path}.of`, `${rule.responder} takes ${takes.join(', ')}`);
  return rule;
}

/**
 * Reads the options.
 * @throws OptionsError naming the path and the reason
 */
export function readResponseOptions(given: ResponseOptions = {}, path = 'responses'): ReadResponses {
  const raw = readOptions<Raw>(path, given, FIELDS);
  const rules = new Map<string, ReadRule>();
  const shipped = Object.entries(SHIPPED_RESPONSES).map(
    ([name, rule]) => [name, readRule(`${path}.rules.${name}`, rule)] as const,
  );
  for (const [name, rule] of [...shipped, ...Object.entries(raw.rules)]) {
    if (rule === false) {
      rules.delete(name);
      continue;
    }
    const { ttl, mode, ...rest } = rule;
    rules.set(name, { ...rest, ttlMs: ttl, ...(mode === undefined ? {} : { mode }) });
  }
  const { window, ...budget } = raw.budget;
  return {
    mode: raw.mode,
    rules,
    budget: { ...budget, windowMs: window },
    stage: { share: raw.stage.share, forMs: raw.stage.for },
    harm: raw.harm,
    goodAfterMs: raw.goodAfter,
    approvalMs: raw.approvalWithin,
  };
}
