import { ValidationError } from '../../core/errors.ts';
import type { EventType } from '../../core/events.ts';
import { newId } from '../../core/id.ts';
import {
  isActing,
  type Lease,
  type LeaseTarget,
  type Objection,
  type Observation,
  parseLeaseTarget,
  type Radius,
  type Responder,
} from '../../modules/respond/index.ts';
import type { Asker } from './objections.ts';

/** A response that somebody wants. */
export type Draft = Pick<
  Lease,
  'responder' | 'target' | 'how' | 'reason' | 'startedBy' | 'automatic' | 'evidence' | 'ttlMs'
> & { readonly alert?: string | null };

/** Who acts on a response. */
export interface ResponseActor extends Asker {
  /** Name in the audit trail; two people have two names. */
  readonly name: string;
  /** May not end what concerns everybody. */
  readonly isLesser?: boolean;
}

/** What would become of a response. */
export interface Preview {
  readonly radius: Radius;
  readonly outcome: 'act' | 'wait' | 'shadow' | 'refuse';
  readonly approvalsNeeded: number;
  readonly objections: readonly Objection[];
}

/** What is told when a lease comes into a state. */
export const EVENT_OF: Readonly<Record<Lease['state'], EventType>> = {
  shadow: 'RESPONSE_WOULD_START',
  waiting: 'RESPONSE_WAITING',
  staged: 'RESPONSE_STARTED',
  full: 'RESPONSE_STARTED',
  expired: 'RESPONSE_EXPIRED',
  undone: 'RESPONSE_UNDONE',
  'rolled-back': 'RESPONSE_ROLLED_BACK',
  refused: 'RESPONSE_REFUSED',
};

/** What is said with an act. */
export interface Acted {
  readonly reason?: string;
}

/** Reads the target of a draft. @throws ValidationError where its responder does not take it */
export function targetOf({
  responder,
  target,
}: {
  readonly responder: Responder;
  readonly target: string;
}): LeaseTarget {
  const read = parseLeaseTarget(responder, target);
  if (read !== undefined) return read;
  const message = `${responder} does not take this target.`;
  throw new ValidationError(message, { details: [{ field: 'target', code: 'NOT_A_TARGET', message }] });
}

/** A lease that nobody has judged yet. */
export function newLease(
  draft: Draft,
  target: LeaseTarget,
  radius: Radius,
  actor: ResponseActor,
  nowMs: number,
): Lease {
  return {
    ...draft,
    id: newId('rsp', nowMs),
    target: target.text,
    state: 'waiting',
    alert: draft.alert ?? null,
    startedAtMs: nowMs,
    expiresAtMs: nowMs + draft.ttlMs,
    stagedAtMs: null,
    endedAtMs: null,
    endedBy: null,
    stage: 0,
    radius,
    objections: [],
    approvalsNeeded: 0,
    approvedBy: draft.automatic ? [] : [actor.name],
    actedAtMs: null,
  };
}

/** The event that tells what happened to a lease; `undefined` where there is nothing to tell. */
export function eventFor(seen: Observation, before: Lease, after: Lease): EventType | undefined {
  switch (seen.kind) {
    case 'acted':
      return undefined;
    case 'extend':
      return after.state === before.state ? 'RESPONSE_EXTENDED' : EVENT_OF[after.state];
    case 'break-glass':
      return isActing(after) ? 'RESPONSE_BREAK_GLASS' : EVENT_OF[after.state];
    case 'approve':
      return after.state === 'expired' ? 'RESPONSE_EXPIRED' : 'RESPONSE_APPROVED';
    case 'tick':
      return before.state === 'staged' && after.state === 'full' ? 'RESPONSE_WIDENED' : EVENT_OF[after.state];
    case 'undo':
    case 'refuse':
      return EVENT_OF[after.state];
  }
}

/** What an event says of a lease. */
export function detailsOf(lease: Lease, reason: string | undefined) {
  const { id, responder, state, startedBy, radius, endedBy, expiresAtMs, approvedBy } = lease;
  return {
    id,
    responder,
    state,
    startedBy,
    reason: reason ?? lease.reason,
    share: radius.share,
    goodTargeted: radius.goodTargeted,
    expiresAtMs,
    ...(endedBy === null ? {} : { endedBy }),
    ...(approvedBy.length === 0 ? {} : { approvedBy: approvedBy.join(' ') }),
    ...(lease.objections.length === 0
      ? {}
      : { objections: lease.objections.map(({ code }) => code).join(' ') }),
  };
}
