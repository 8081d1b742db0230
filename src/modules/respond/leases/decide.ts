import type { Decider } from '../../../core/decide.ts';
import { challenge, type Deny, deny, pass, PASS, type Reason, type Refusal } from '../../../core/verdict.ts';

/** What the decision about an address looks at. */
export interface AddressFeatures {
  readonly address: string;
  /** Where this client falls among those of the target, 0 to 1: a staged response acts below its share. */
  readonly part: number;
  /** Has solved a challenge. */
  readonly cleared: boolean;
}

/** A response as a guard knows it. */
export interface LeaseFacts {
  readonly id: string;
  readonly responder: string;
  readonly target: string;
  readonly how: 'deny' | 'challenge';
  readonly stage: number;
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
}

/** What a request is for, as far as responses tell it apart. */
export type Place = 'admin-api' | 'sign-in' | 'health' | 'application';

/** What the decision about a caller looks at. */
export interface CallerFeatures {
  /** Account or principal; null for nobody. */
  readonly user: string | null;
  readonly isAdmin: boolean;
  /** Came with the key that opens the house when nothing else does. */
  readonly isOperator: boolean;
  readonly writes: boolean;
  /** The console's API; what is needed to sign in and out and to prove a factor; whether the house stands; all else. */
  readonly place: Place;
  /** The route takes payments. */
  readonly pays: boolean;
  /** When a factor was proven last; null: never, or nobody knows. */
  readonly provenAtMs: number | null;
  readonly part: number;
}

const BLOCKED: Refusal = {
  status: 403,
  code: 'BLOCKED',
  message: 'Requests from here are not taken at present.',
};
const PROVE: Refusal = {
  status: 403,
  code: 'CHALLENGE_REQUIRED',
  message: 'Show first that a browser, or patience, stands behind this request.',
};

function reasonOf(code: string, text: string, lease: LeaseFacts, nowMs: number): Reason {
  return {
    code: `response.${code}`,
    text,
    values: { lease: lease.id, target: lease.target, secondsLeft: secondsLeft(lease, nowMs) },
    remedy: { do: 'ask', whom: 'an operator', what: `undo ${lease.id}` },
  };
}

function secondsLeft({ expiresAtMs }: LeaseFacts, nowMs: number): number {
  return Math.max(1, Math.ceil((expiresAtMs - nowMs) / 1_000));
}

/** Whether an address is let in. What denies comes before what challenges. */
export const addressDecider: Decider<AddressFeatures, { readonly leases: readonly LeaseFacts[] }> = {
  name: 'responses.address',
  version: 1,
  decide({ part, cleared }, { leases }, nowMs) {
    const acting = leases.filter(
      (one) => one.responder === 'block' && part < one.stage && nowMs < one.expiresAtMs,
    );
    const denying = acting.find(({ how }) => how === 'deny');
    if (denying !== undefined)
      return deny(BLOCKED, reasonOf('blocked', 'An automatic response blocks this address.', denying, nowMs));
    const asking = acting[0];
    if (asking === undefined) return PASS;
    const reason = reasonOf(
      'challenged',
      'An automatic response asks this address for proof.',
      asking,
      nowMs,
    );
    return cleared ? pass(reason) : challenge(PROVE, reason);
  },
};

/** Whether a caller may go on. */
export const callerDecider: Decider<CallerFeatures, { readonly leases: readonly LeaseFacts[] }> = {
  name: 'responses.caller',
  version: 1,
  decide(caller, { leases }, nowMs) {
    for (const lease of leases) {
      if (nowMs >= lease.expiresAtMs || caller.isOperator) continue;
      const refused = refusalOf(caller, lease, nowMs);
      if (refused !== undefined) return refused;
    }
    return PASS;
  },
};

function refusalOf(caller: CallerFeatures, lease: LeaseFacts, nowMs: number): Deny | undefined {
  const { place, isAdmin } = caller;
  switch (lease.responder) {
    case 'lock-account':
      return place === 'health' || place === 'sign-in' ? undefined : refuse('locked', lease, nowMs);
    case 'require-step-up': {
      const isProven = caller.provenAtMs !== null && caller.provenAtMs >= lease.startedAtMs;
      const isFree = caller.user === null || place === 'sign-in' || place === 'health';
      return isFree || isProven || caller.part >= lease.stage ? undefined : refuse('step_up', lease, nowMs);
    }
    case 'lockdown': {
      const isOpen = lease.target === 'read-only' ? !caller.writes : isAdmin;
      return place !== 'application' || isOpen ? undefined : refuse('lockdown', lease, nowMs);
    }
    case 'disable-admins':
      return place === 'admin-api' || (isAdmin && place === 'application')
        ? refuse('admins_disabled', lease, nowMs)
        : undefined;
    case 'freeze-payments':
      return caller.pays ? refuse('payments_frozen', lease, nowMs) : undefined;
    default:
      return undefined;
  }
}

const REFUSALS = {
  locked: {
    refusal: { status: 403, code: 'ACCOUNT_LOCKED', message: 'This account is locked at present.' },
    text: 'An automatic response locks this account.',
  },
  step_up: {
    refusal: {
      status: 401,
      code: 'FRESH_AUTH_REQUIRED',
      message: 'Confirm that it is you, then try again.',
    },
    text: 'An automatic response asks the owner of this account for a fresh factor.',
  },
  lockdown: {
    refusal: {
      status: 503,
      code: 'LOCKDOWN',
      message: 'This is closed for a while. Nothing is lost; try again later.',
    },
    text: 'The house is locked down.',
  },
  admins_disabled: {
    refusal: {
      status: 403,
      code: 'ADMINS_DISABLED',
      message: 'Administration is closed at present, but for the operator key.',
    },
    text: 'A response closes administration.',
  },
  payments_frozen: {
    refusal: { status: 403, code: 'PAYMENTS_FROZEN', message: 'Payments are not taken at present.' },
    text: 'A response freezes payments.',
  },
} as const satisfies Record<string, { readonly refusal: Refusal; readonly text: string }>;

const LONGEST_WAIT_SECONDS = 3_600;

function refuse(code: keyof typeof REFUSALS, lease: LeaseFacts, nowMs: number): Deny {
  const { refusal, text } = REFUSALS[code];
  const wait = Math.min(LONGEST_WAIT_SECONDS, secondsLeft(lease, nowMs));
  return deny(
    refusal.status === 503 ? { ...refusal, headers: ['retry-after', String(wait)] } : refusal,
    reasonOf(code, text, lease, nowMs),
  );
}
