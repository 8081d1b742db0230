import { canonicalJson, type Json } from './canonical.ts';
import { hmacOf, sha256 } from './hash.ts';
import { leafHash } from './tree.ts';

/** An audit event as the database holds it. */
export interface AuditRow {
  readonly id: string;
  readonly type: string;
  readonly severity: string;
  readonly class: string;
  /** Milliseconds since the epoch; whole. */
  readonly atMs: number | bigint | string;
  readonly node: string;
  readonly about: string;
  readonly actor: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  readonly route: string | null;
  readonly decision: string | null;
  readonly outcome: string | null;
  readonly details: Json;
  readonly session?: string | null;
  readonly userAgent?: string | null;
  readonly place?: string | null;
  readonly request?: string | null;
  readonly trace?: string | null;
}

/** What a leaf says of personal data: whose it is, under a pseudonym, and a commitment to it. */
export interface PartCommitment {
  /** Pseudonym of the holder; made with the holder's key, so that it says nothing once that is gone. */
  readonly tag: string;
  /** SHA-256 over a salt of the holder's key and the data, base64url. */
  readonly commit: string;
}

/** Personal data and the salt that opens its commitment. */
export interface PartOpening {
  /** 32 bytes, base64url. */
  readonly salt: string;
  readonly data: Json;
}

/** What is hashed into the log. Nothing in it is personal; times are whole microseconds, as text. */
export interface LeafEntry {
  readonly v: 1;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly severity: string;
  readonly class: string;
  readonly atUs: string;
  /** When it was given its place, by the clock of the database; never less than the one before. */
  readonly sequencedUs: string;
  readonly node: string;
  readonly about: string;
  readonly route: string | null;
  readonly decision: string | null;
  readonly outcome: string | null;
  /** Actor, address, and what else is known of who did it. */
  readonly who: PartCommitment;
  /** Subject and details. */
  readonly what: PartCommitment;
  /** Pseudonym of the holder whose data were erased with this event, or `#` and the places that expired with it; else empty. */
  readonly erases: string;
}

/** Event that tells of an erasure. */
export const ERASED_TYPE = 'AUDIT_SUBJECT_ERASED';
/** Event that tells of an expiry: who and what of the events at its places were destroyed when their time was over. */
export const EXPIRED_TYPE = 'AUDIT_EVENTS_EXPIRED';
/** Events that never expire: what became of others, and why. */
export const KEPT_TYPES = [
  ERASED_TYPE,
  EXPIRED_TYPE,
  'AUDIT_LOG_ACCEPTED',
  'LEGAL_HOLD_PLACED',
  'LEGAL_HOLD_LIFTED',
] as const;
/** Holder of what is nobody's; never erased. */
export const NOBODY = '-';
const COMMIT = new Uint8Array([2]);

/** Whose the two parts of an event are: who did it, and what or whom it is about. */
export interface Holders {
  readonly who: string;
  readonly what: string;
}

/** Holders of an event. Those of an erasure cannot be erased: who erased whom would be gone with a second one. */
export function holdersOf(row: Pick<AuditRow, 'type' | 'actor' | 'subject'>): Holders {
  return row.type === ERASED_TYPE || row.type === EXPIRED_TYPE
    ? { who: NOBODY, what: NOBODY }
    : personsOf(row);
}

/** Holders by actor and subject alone, under which events of erasures stood at first. */
export function personsOf({ actor, subject }: Pick<AuditRow, 'actor' | 'subject'>): Holders {
  return { who: actor ?? subject ?? NOBODY, what: subject ?? actor ?? NOBODY };
}

/** Pseudonym of a holder. @param key the holder's, 32 bytes */
export function tagOf(key: Uint8Array): string {
  return hmacOf(key, 'rampart audit tag').toString('base64url', 0, 16);
}

/** Which of the two parts. */
export type PartName = 'who' | 'what';

/** What opens the commitment to a part. */
export function openingOf(part: PartName, row: AuditRow, key: Uint8Array): PartOpening {
  const salt = hmacOf(key, `rampart audit salt\0${part}\0${row.id}`).toString('base64url');
  const data =
    part === 'who'
      ? { actor: row.actor, address: row.address, ...circumstancesOf(row) }
      : { subject: row.subject, details: row.details };
  return { salt, data };
}

/** What else is known of who did it; events that say nothing of it are committed to as they were before it was kept. */
function circumstancesOf({
  session,
  userAgent,
  place,
  request,
  trace,
}: AuditRow): Readonly<Record<string, string>> {
  const all = Object.entries({ session, userAgent, place, request, trace });
  return Object.fromEntries(all.filter((one): one is [string, string] => typeof one[1] === 'string'));
}

/** The commitment that an opening opens. */
export function commitOf({ salt, data }: PartOpening): string {
  const bytes = sha256(COMMIT, Buffer.from(salt, 'base64url'), Buffer.from(canonicalJson(data)));
  return Buffer.from(bytes).toString('base64url');
}

/** The entry of an event. */
export function entryOf(
  row: AuditRow,
  place: { readonly seq: number; readonly sequencedUs: string },
  parts: { readonly who: PartCommitment; readonly what: PartCommitment; readonly erases: string },
): LeafEntry {
  return {
    v: 1,
    seq: place.seq,
    id: row.id,
    type: row.type,
    severity: row.severity,
    class: row.class,
    atUs: String(BigInt(row.atMs) * 1_000n),
    sequencedUs: place.sequencedUs,
    node: row.node,
    about: row.about,
    route: row.route,
    decision: row.decision,
    outcome: row.outcome,
    who: parts.who,
    what: parts.what,
    erases: parts.erases,
  };
}

/** Pseudonym that an event of an erasure names, `#` and the places of an expiry; empty for any other event. */
export function erasedTagOf({ type, details }: Pick<AuditRow, 'type' | 'details'>): string {
  if (details === null || typeof details !== 'object' || Array.isArray(details)) return '';
  const given = details as { readonly [name: string]: Json };
  const named = type === ERASED_TYPE ? given['holder'] : type === EXPIRED_TYPE ? given['places'] : '';
  if (typeof named !== 'string') return '';
  return type === EXPIRED_TYPE ? `#${named}` : named;
}

/** Hash of an entry: SHA-256 over a zero byte and its canonical JSON. */
export function entryHash(entry: LeafEntry): Uint8Array {
  return leafHash(canonicalJson(entry as unknown as Json));
}
