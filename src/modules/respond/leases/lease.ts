import { type Cidr, formatAddress, formatCidr, parseCidr, prefixOf } from '../../../core/address.ts';

/** What may be done about an attack. */
export const RESPONDERS = [
  'block',
  'lock-account',
  'end-sessions',
  'require-step-up',
  'tighten-limits',
  'raise-posture',
  'lockdown',
  'freeze-payments',
  'disable-admins',
] as const;
/** One of `RESPONDERS`. */
export type Responder = (typeof RESPONDERS)[number];

/** States that a lease leaves again: `waiting` needs approval, `staged` acts on a part, `full` on all. */
export const OPEN_STATES = ['shadow', 'waiting', 'staged', 'full'] as const;
/** States that a lease never leaves. */
export const FINAL_STATES = ['expired', 'undone', 'rolled-back', 'refused'] as const;
/** What has become of a lease; `shadow` would have acted. */
export type LeaseState = (typeof OPEN_STATES)[number] | (typeof FINAL_STATES)[number];

/** How a block meets those whom it covers: refused, or let in once they have solved a challenge. */
export type BlockHow = 'deny' | 'challenge';

/** Whom a response would touch, by past decisions. */
export interface Radius {
  /** Requests that were looked at, and those of the target. */
  readonly requests: number;
  readonly targeted: number;
  /** Share of all traffic, 0 to 1. */
  readonly share: number;
  /** People in good standing, of all and of the target. */
  readonly good: number;
  readonly goodTargeted: number;
}

/** Why something may not be done, or not without people. */
export interface Objection {
  readonly code: string;
  readonly text: string;
}

/** An automatic response: it always ends by itself. Plain data; times are milliseconds since the epoch. */
export interface Lease {
  /** `rsp_…`, time-ordered. */
  readonly id: string;
  readonly responder: Responder;
  /** Canonical, as `parseLeaseTarget` writes it. */
  readonly target: string;
  readonly how: BlockHow;
  readonly state: LeaseState;
  readonly reason: string;
  /** Name of the detector that asked for it, or who did. */
  readonly startedBy: string;
  readonly automatic: boolean;
  readonly alert: string | null;
  /** Ids of events; at most 50. */
  readonly evidence: readonly string[];
  readonly startedAtMs: number;
  /** How long it acts once it may. */
  readonly ttlMs: number;
  /** Never past `startedAtMs` plus `MAX_LIFE_MS`. */
  readonly expiresAtMs: number;
  /** Since when it is staged; null where it is not. */
  readonly stagedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly endedBy: string | null;
  /** Share of the target on which it acts: 0 to 1. */
  readonly stage: number;
  readonly radius: Radius;
  readonly objections: readonly Objection[];
  readonly approvalsNeeded: number;
  readonly approvedBy: readonly string[];
  /** What was done once for all when it began to act (sessions that were ended) is done; null: not yet. */
  readonly actedAtMs: number | null;
}

/** Beyond this no extension carries a lease: 30 days. */
export const MAX_LIFE_MS = 30 * 86_400_000;

/** Whom or what a lease is about. */
export type LeaseTarget =
  | { readonly kind: 'range'; readonly range: Cidr; readonly text: string }
  | { readonly kind: 'user'; readonly id: string; readonly text: string }
  | {
      readonly kind: 'all' | 'read-only' | 'admins-only' | 'elevated' | 'attack';
      readonly text: string;
    };

const WORDS = ['all', 'read-only', 'admins-only', 'elevated', 'attack'] as const;
const KINDS: Readonly<Record<Responder, readonly LeaseTarget['kind'][]>> = {
  block: ['range'],
  'lock-account': ['user'],
  'end-sessions': ['user'],
  'require-step-up': ['user', 'all'],
  'tighten-limits': ['range', 'user', 'all'],
  'raise-posture': ['elevated', 'attack'],
  lockdown: ['read-only', 'admins-only'],
  'freeze-payments': ['user', 'all'],
  'disable-admins': ['all'],
};
const MAX_TARGET = 200;
/** Wider ranges are refused: one typing mistake must not lock out a country. */
const LEAST_BITS = { 4: 16, 6: 32 } as const;

/**
 * Reads the target of a responder: an address or range, `user:ID`, `all`, or a word of the responder's.
 * @returns `undefined` where the responder does not take it
 */
export function parseLeaseTarget(responder: Responder, text: string): LeaseTarget | undefined {
  const found = readTarget(text.trim());
  return found !== undefined && KINDS[responder].includes(found.kind) ? found : undefined;
}

function readTarget(text: string): LeaseTarget | undefined {
  if (text.length > MAX_TARGET) return undefined;
  const word = WORDS.find((one) => one === text);
  if (word !== undefined) return { kind: word, text };
  const user = /^user:(?:user:)?([\w.@:+-]+)$/.exec(text)?.[1];
  if (user !== undefined) return { kind: 'user', id: user, text: `user:${user}` };
  const range = parseCidr(text);
  if (range === undefined || range.bits < LEAST_BITS[range.network.version]) return undefined;
  const whole = { network: prefixOf(range.network, range.bits), bits: range.bits };
  const single = range.bits === (range.network.version === 4 ? 32 : 128);
  return { kind: 'range', range: whole, text: single ? formatAddress(whole.network) : formatCidr(whole) };
}

/** Whether a lease acts on anybody. */
export function isActing({ state }: Pick<Lease, 'state'>): boolean {
  return state === 'staged' || state === 'full';
}

/** Whether a lease has come to its end. */
export function isFinal({ state }: Pick<Lease, 'state'>): boolean {
  return (FINAL_STATES as readonly string[]).includes(state);
}

/** Whether undoing gives back what it took: sessions that were ended stay ended. */
export function canUndo(lease: Pick<Lease, 'state' | 'responder'>): boolean {
  if (isFinal(lease)) return false;
  return lease.responder !== 'end-sessions' || !isActing(lease);
}
