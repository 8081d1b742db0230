import type { AlertEntry } from './alert-types.ts';
import type { EventEntry } from './event-types.ts';

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

/** What has become of a response. */
export const RESPONSE_STATES = [
  'shadow',
  'waiting',
  'staged',
  'full',
  'expired',
  'undone',
  'rolled-back',
  'refused',
] as const;
/** `shadow` would have acted; `waiting` needs people's approval; `staged` acts on a part; `full` on all. */
export type ResponseState = (typeof RESPONSE_STATES)[number];

/** Whom a response would touch, by the decisions of the last day. */
export interface BlastRadius {
  /** Requests that were looked at, and those of the target. */
  readonly requests: number;
  readonly targeted: number;
  /** Share of all traffic, 0 to 1. */
  readonly share: number;
  /** People in good standing (signed in since days, or paying) of all and of the target. */
  readonly good: number;
  readonly goodTargeted: number;
  /** Why it may not be done, or not without people; empty where nothing speaks against it. */
  readonly objections: readonly { readonly code: string; readonly text: string }[];
}

/** A response, as a lease: it always ends by itself. */
export interface ResponseEntry {
  readonly id: string;
  readonly responder: Responder;
  /** `203.0.113.0/24`, `user:acc_…`, `all`, `read-only`. */
  readonly target: string;
  /** Of a block: whether it refuses, or asks for a proof; null of every other responder. */
  readonly how: 'deny' | 'challenge' | null;
  readonly state: ResponseState;
  readonly reason: string;
  /** Detector that asked for it, or who did. */
  readonly startedBy: string;
  readonly automatic: boolean;
  readonly alert: string | null;
  readonly evidence: readonly string[];
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
  /** Who undid or refused it, or why it was rolled back. */
  readonly endedBy: string | null;
  /** Share of the target on which it acts while it is staged, 0 to 1. */
  readonly stage: number;
  readonly radius: BlastRadius | null;
  /** Approvals that are needed, and who gave theirs. */
  readonly approvalsNeeded: number;
  readonly approvedBy: readonly string[];
  /** Requests or sessions that it met so far; null where that is not known. */
  readonly met: number | null;
  readonly canUndo: boolean;
}

/** Answer of GET /admin/responses/{id}. */
export interface ResponseAnswer {
  readonly response: ResponseEntry;
  /** What happened to it, oldest first: events that its acts wrote. */
  readonly timeline: readonly EventEntry[];
  /** The events behind it that are still kept, newest first. */
  readonly evidence: readonly EventEntry[];
  /** The alert that it was begun for, where it is still kept. */
  readonly alert: AlertEntry | null;
}

/** Answer of GET /admin/responses. */
export interface ResponsesAnswer {
  /** Those that act or wait first, then the newest. */
  readonly responses: readonly ResponseEntry[];
  readonly nextCursor: string | null;
  readonly acting: number;
  readonly waiting: number;
  /** How much of what automatic responses may touch together is used, 0 to 1. */
  readonly budget: { readonly traffic: number; readonly accounts: number };
  readonly mode: 'enforce' | 'shadow' | 'off';
}

/** Answer of GET /admin/decisions/{id}/followed and of GET /admin/events/{id}/followed: what came of it. */
export interface FollowedAnswer {
  /** The newest first, at most 20. */
  readonly alerts: readonly {
    readonly alert: AlertEntry;
    /** It names the event; else it is about the same caller and went on at that time. */
    readonly isNamed: boolean;
  }[];
  /** Responses that name the event as evidence, or were begun for one of those alerts; the newest first, at most 20. */
  readonly responses: readonly ResponseEntry[];
}
