/** A value that may stand in a reason, a fact of a record or a log line. */
export type Scalar = string | number | boolean | null;

/** What would make the same request pass: shown to the person who was refused. */
export type Remedy =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'sign-in' }
  | { readonly do: 'change'; readonly what: string }
  | { readonly do: 'ask'; readonly whom: string; readonly what: string }
  | { readonly do: 'nothing' };

/**
 * One node of the tree that explains a verdict. Leaves hold the numbers that were compared; inner nodes say what
 * followed from them. Values are features, never secrets and never bodies.
 */
export interface Reason {
  /** Stable and dotted: `limit.exceeded`, `csrf.cross_site`. */
  readonly code: string;
  /** One sentence for an operator. */
  readonly text: string;
  readonly values?: Readonly<Record<string, Scalar>>;
  readonly remedy?: Remedy;
  readonly because?: readonly Reason[];
}

/** What the caller is told. Coarse on purpose: the operator reads the reason. */
export interface Refusal {
  readonly status: number;
  /** Upper-case code of the error envelope. */
  readonly code: string;
  readonly message: string;
  /** Flat list of names and values: `['retry-after', '40']`. */
  readonly headers?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A whole response given by a guard (a preflight, a cached answer, a challenge page). */
export interface Reply {
  readonly status: number;
  /** Flat list of names and values. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | null;
}

/** Nothing stands against the request. */
export interface Pass {
  readonly kind: 'pass';
  /** Absent on the hot path; `explain()` of the record computes it when somebody asks. */
  readonly reason?: Reason;
}
/** Refused. */
export interface Deny {
  readonly kind: 'deny';
  readonly refusal: Refusal;
  readonly reason: Reason;
}
/** Refused until the caller has shown something (proof of work, a fresh factor). */
export interface Challenge {
  readonly kind: 'challenge';
  readonly refusal: Refusal;
  readonly reason: Reason;
  /** The page or instruction; the envelope of the refusal when absent. */
  readonly reply?: Reply;
}
/** Answered here: the handler is not called, and nothing was wrong. */
export interface Answer {
  readonly kind: 'answer';
  readonly reply: Reply;
  readonly reason: Reason;
}
/** What a guard, and in the end the corridor, says of a request. */
export type Verdict = Pass | Deny | Challenge | Answer;
export type VerdictKind = Verdict['kind'];

/** The verdict that allocates nothing. */
export const PASS: Pass = Object.freeze({ kind: 'pass' });

/** A pass that says why. */
export function pass(reason: Reason): Pass {
  return { kind: 'pass', reason };
}
/** A refusal. */
export function deny(refusal: Refusal, reason: Reason): Deny {
  return { kind: 'deny', refusal, reason };
}
/** A whole response. */
export function answer(reply: Reply, reason: Reason): Answer {
  return { kind: 'answer', reply, reason };
}
/** A request for proof. */
export function challenge(refusal: Refusal, reason: Reason, reply?: Reply): Challenge {
  return reply === undefined
    ? { kind: 'challenge', refusal, reason }
    : { kind: 'challenge', refusal, reason, reply };
}
