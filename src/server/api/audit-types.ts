import type { AuditCheck, AuditReceipt, AuditStatus } from '../../modules/audit/index.ts';
import type { EventEntry } from './types.ts';

export type {
  AuditCheck,
  AuditReceipt,
  AuditReport,
  BundlePage,
  StoredCheckpoint,
} from '../../modules/audit/index.ts';

/** An event of the audit log. What was erased, or does not fit its commitment, is null. */
export interface AuditEntry extends Omit<
  EventEntry,
  | 'class'
  | 'outcome'
  | 'place'
  | 'userAgent'
  | 'session'
  | 'requestId'
  | 'traceId'
  | 'resolvedAtMs'
  | 'resolvedBy'
  | 'details'
> {
  /** Its place in the log. */
  readonly seq: number;
  readonly outcome: string | null;
  readonly details: EventEntry['details'] | null;
  /** Actor and address, or subject and details, are gone. */
  readonly erased: boolean;
  /** Hash of its leaf, base64. */
  readonly leaf: string;
}

/** Answer of GET /admin/audit. */
export interface AuditAnswer {
  readonly entries: readonly AuditEntry[];
  /** Give it as `before` to read on; null at the end. */
  readonly nextBefore: number | null;
}

/** Answer of GET /admin/audit/integrity. */
export interface AuditIntegrityAnswer extends AuditStatus {
  /** The last verification of the whole log; null before the first. */
  readonly check: AuditCheck | null;
  /** How far the verification is that runs on this node; null where none runs. */
  readonly verifying: { readonly events: number } | null;
}

/** Answer of GET /admin/audit/:id/proof. */
export type AuditProofAnswer = AuditReceipt;

/** A legal hold: events that fit all that it names are neither deleted nor erased while it is in force. */
export interface HoldEntry {
  /** `hld_…` */
  readonly id: string;
  /** Who did it, or what or whom it is about; null: everybody. */
  readonly holder: string | null;
  /** Type of the events; null: all. */
  readonly type: string | null;
  /** Milliseconds since the epoch, from (inclusive) and to (exclusive); null: open. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAtMs: number;
  readonly liftedBy: string | null;
  readonly liftedAtMs: number | null;
}

/** GET /admin/events/holds: those in force first, each newest first. POST /admin/events/holds and …/ID/lift answer HoldEntry. */
export interface HoldsAnswer {
  readonly holds: readonly HoldEntry[];
}
