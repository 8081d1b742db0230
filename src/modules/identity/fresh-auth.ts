import type { Decider } from '../../core/decide.ts';
import { fact } from '../../core/fact.ts';
import type { Guard, RouteInfo } from '../../core/guard.ts';
import { duration, oneOf, readOptions } from '../../core/options.ts';
import { deny, pass, type Reason, type Refusal, type Verdict } from '../../core/verdict.ts';
import type { FactorKind, Sessions, SessionState } from './contract.ts';
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
}

const FACTORS = ['any', 'second', 'password', 'totp', 'backup', 'sms', 'email', 'passkey'] as const;
const SIGN_IN: Refusal = { status: 401, code: 'AUTHENTICATION_ERROR', message: 'Sign in first.' };

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

/** When the newest proof that counts was given; `undefined` for none. */
export function freshestMs(
  provenAtMs: Readonly<Partial<Record<FactorKind, number>>>,
  factor: FreshAuthNeed['factor'],
): number | undefined {
  const times = Object.entries(provenAtMs)
    .filter(([kind]) => factor === 'any' || kind === factor || (factor === 'second' && kind !== 'password'))
    .map(([, atMs]) => atMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether a factor was proven recently enough. */
export const freshAuthDecider: Decider<FreshAuthFeatures, FreshAuthNeed> = {
  name: 'freshAuth',
  version: 1,
  decide({ provenAtMs }, need, nowMs) {
    const reason = (code: string, text: string, values: Reason['values'] = {}): Reason => ({
      code: `fresh_auth.${code}`,
      text,
      values: { ...values, withinMs: need.withinMs, factor: need.factor },
      remedy: { do: 'sign-in' },
    });
    if (provenAtMs === null) return deny(SIGN_IN, reason('anonymous', 'Nobody is signed in.'));
    const atMs = freshestMs(provenAtMs, need.factor);
    if (atMs !== undefined && nowMs - atMs <= need.withinMs)
      return pass(reason('fresh', 'A factor was proven recently.', { agoMs: nowMs - atMs }));
    return deny(
      {
        status: 401,
        code: 'FRESH_AUTH_REQUIRED',
        message: 'Confirm that it is you, then try again.',
        details: { factor: need.factor, withinSeconds: Math.floor(need.withinMs / 1000) },
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

/**
 * A guard for routes whose settings hold `freshAuth`. It reads the session from the database, not from memory, so that a
 * session that was ended a moment ago opens nothing.
 */
export function freshAuthGuard(sessions: Pick<Sessions, 'fresh'>): Guard {
  const needs = new Map<RouteInfo, FreshAuthNeed>();
  const judge = (
    context: Parameters<Guard['check']>[0],
    session: SessionState | undefined,
    need: FreshAuthNeed,
  ): Verdict => {
    const features = {
      provenAtMs: session === undefined || session.scope !== 'full' ? null : session.provenAtMs,
    };
    context.set(Looked, { features, need });
    return freshAuthDecider.decide(features, need, context.nowMs);
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
      if (!signedIn) return judge(context, undefined, need);
      return sessions.fresh(signedIn.session.id).then((session) => judge(context, session, need));
    },
    evidence(context) {
      const looked = context.get(Looked);
      return looked && { features: looked.features, state: looked.need, atMs: context.nowMs };
    },
  };
}
