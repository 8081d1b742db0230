import type { Decider } from '../../core/decide.ts';
import { fact } from '../../core/fact.ts';
import type { Guard, RouteInfo } from '../../core/guard.ts';
import { duration, oneOf, readOptions } from '../../core/options.ts';
import { deny, pass, type Reason, type Refusal, type Verdict } from '../../core/verdict.ts';
import type { FactorKind, Sessions, SessionState } from './contract.ts';
import type { Identity } from './facade.ts';
import { SignedIn } from './signed-in.ts';

/** What a sensitive route asks of its caller (ASVS 7.5.3). */
export interface FreshAuthOptions {
  /** A factor must have been proven within this time, 1s to 24h; default 10m. */
  readonly within?: string;
  /** `any` factor, a `second` one (all but the password), or the one named; default any. */
  readonly factor?: FactorKind | 'any' | 'second';
}

/** Options as they were read. */
export interface FreshAuthNeed {
  readonly withinMs: number;
  readonly factor: FactorKind | 'any' | 'second';
}

/** What the decision looks at. */
export interface FreshAuthFeatures {
  /** Null: nobody is signed in, or the session has ended. */
  readonly provenAtMs: Readonly<Partial<Record<FactorKind, number>>> | null;
  /** With what the account could prove it now; null where nobody had to ask. */
  readonly ways: readonly FactorKind[] | null;
}

/** What the guard asks of accounts. */
export interface FreshAuthPorts {
  /** The session as the database has it now. */
  readonly fresh: Sessions['fresh'];
  /** With what it can be freshened; asked only when it must be. @throws AppError when the session has ended */
  readonly ways: (session: SessionState) => Promise<readonly FactorKind[]>;
}

const FACTORS = ['any', 'second', 'password', 'totp', 'backup', 'sms', 'email', 'passkey'] as const;
const counts = (kind: string, factor: FreshAuthNeed['factor']): boolean =>
  factor === 'any' || kind === factor || (factor === 'second' && kind !== 'password' && kind !== 'email');
const SIGN_IN: Refusal = { status: 401, code: 'AUTHENTICATION_ERROR', message: 'Sign in first.' };
const NOT_SET_UP: Refusal = {
  status: 403,
  code: 'MFA_REQUIRED',
  message: 'This needs a factor that your account does not have. Set one up first.',
};

/**
 * Reads the options of a route.
 * @throws OptionsError
 */
export function readFreshAuth(path: string, given: unknown): FreshAuthNeed {
  const read = readOptions<{ within: number; factor: FreshAuthNeed['factor'] }>(path, given, {
    within: duration({ min: '1s', max: '24h', default: '10m' }),
    factor: oneOf(FACTORS, 'any'),
  });
  return { withinMs: read.within, factor: read.factor };
}

/**
 * When the newest proof that counts was given; `undefined` for none. A time that lies ahead comes from a clock that was set
 * back: it proves nothing.
 */
export function freshestMs(
  provenAtMs: Readonly<Partial<Record<FactorKind, number>>>,
  factor: FreshAuthNeed['factor'],
  nowMs: number,
): number | undefined {
  const times = Object.entries(provenAtMs)
    .filter(([kind, atMs]) => counts(kind, factor) && atMs <= nowMs)
    .map(([, atMs]) => atMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether a factor was proven recently enough. */
export const freshAuthDecider: Decider<FreshAuthFeatures, FreshAuthNeed> = {
  name: 'freshAuth',
  version: 2,
  decide({ provenAtMs, ways }, need, nowMs) {
    const reason = (code: string, text: string, values: Reason['values'] = {}): Reason => ({
      code: `fresh_auth.${code}`,
      text,
      values: { ...values, withinMs: need.withinMs, factor: need.factor },
      remedy: { do: 'sign-in' },
    });
    if (provenAtMs === null) return deny(SIGN_IN, reason('anonymous', 'Nobody is signed in.'));
    const atMs = freshestMs(provenAtMs, need.factor, nowMs);
    if (atMs !== undefined && nowMs - atMs <= need.withinMs)
      return pass(reason('fresh', 'A factor was proven recently.', { agoMs: nowMs - atMs }));
    const factors = (ways ?? []).filter((kind) => counts(kind, need.factor));
    if (ways !== null && factors.length === 0) {
      return deny(NOT_SET_UP, reason('not_set_up', 'The account has no factor that this route accepts.'));
    }
    return deny(
      {
        status: 401,
        code: 'FRESH_AUTH_REQUIRED',
        message: 'Confirm that it is you, then try again.',
        details: { factors, factor: need.factor, withinSeconds: Math.floor(need.withinMs / 1000) },
      },
      reason(
        'stale',
        'No factor that counts was proven recently enough.',
        atMs === undefined ? {} : { agoMs: nowMs - atMs },
      ),
    );
  },
};

const Looked = fact<{ readonly features: FreshAuthFeatures; readonly need: FreshAuthNeed }>('freshAuth');

/** Ports over accounts that may be opened later. */
export function freshAuthPorts(identity: () => Pick<Identity, 'sessions' | 'stepUpOptions'>): FreshAuthPorts {
  return {
    fresh: (id) => identity().sessions.fresh(id),
    ways: async (session) => (await identity().stepUpOptions(session)).factors,
  };
}

/**
 * A guard for routes whose settings hold `freshAuth`. It reads the session from the database, not from memory, so that a
 * session that was ended a moment ago opens nothing.
 */
export function freshAuthGuard(ports: FreshAuthPorts): Guard {
  const needs = new Map<RouteInfo, FreshAuthNeed>();
  const judge = (
    context: Parameters<Guard['check']>[0],
    session: SessionState | undefined,
    need: FreshAuthNeed,
    ways: readonly FactorKind[] | null,
  ): Verdict => {
    const features = {
      provenAtMs: session === undefined || session.scope !== 'full' ? null : session.provenAtMs,
      ways,
    };
    context.set(Looked, { features, need });
    return freshAuthDecider.decide(features, need, context.nowMs);
  };
  const look = async (
    context: Parameters<Guard['check']>[0],
    id: string,
    need: FreshAuthNeed,
  ): Promise<Verdict> => {
    const session = await ports.fresh(id);
    const verdict = judge(context, session, need, null);
    if (verdict.kind === 'pass' || session?.scope !== 'full') return verdict;
    return judge(context, session, need, await ports.ways(session));
  };
  return {
    name: 'freshAuth',
    phase: 'authorize',
    mode: 'enforce',
    onError: 'deny',
    decider: freshAuthDecider,
    appliesTo(route) {
      const given = route.settings['freshAuth'];
      if (given === undefined || given === false) return false;
      needs.set(route, readFreshAuth(`routes.${route.name}.freshAuth`, given === true ? {} : given));
      return true;
    },
    check(context) {
      const need = needs.get(context.plan.route) as FreshAuthNeed;
      const signedIn = context.get(SignedIn);
      return signedIn ? look(context, signedIn.session.id, need) : judge(context, undefined, need, null);
    },
    evidence(context) {
      const looked = context.get(Looked);
      return looked && { features: looked.features, state: looked.need, atMs: context.nowMs };
    },
  };
}
