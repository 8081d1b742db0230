import { randomBytes } from 'node:crypto';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { commitOf, entryHash, entryOf, erasedTagOf, holdersOf, openingOf, tagOf } from './leaf.ts';
import type { AuditRow, PartCommitment, PartName } from './leaf.ts';
import { auditRow, EVENT_COLUMNS, lockLog, type LogState, makeLog, readState } from './rows.ts';

/** Nodes of these levels are kept: proofs need at most 255 hashes below them. */
export const KEPT_LEVELS: ReadonlySet<number> = new Set([8, 16, 24, 32]);
/** Events of one transaction at most. */
export const MAX_BATCH = 1_000;
const KEY_BYTES = 32;

/**
 * Gives waiting audit events their places: the next numbers, without a gap, in one transaction that holds the lock of the
 * log. A sequencer that dies leaves nothing behind, and another one goes on.
 * @returns how many there were; fewer than `max` when none is left
 */
export async function sequence(sql: SqlStore, max = MAX_BATCH): Promise<number> {
  return sql.transaction(async (tx) => {
    await lockLog(tx);
    return sequenceLocked(tx, max);
  });
}

/** The same in a transaction that holds the lock. */
export async function sequenceLocked(tx: SqlRunner, max = MAX_BATCH): Promise<number> {
  const { rows } = await tx.query(
    `SELECT ${EVENT_COLUMNS} FROM rampart.events AS e
     WHERE e.class = 'audit' AND e.audit_seq IS NULL
       AND NOT EXISTS (SELECT 1 FROM rampart.audit_leaves AS l WHERE l.event_id = e.id)
     ORDER BY e.id LIMIT $1`,
    [max],
  );
  if (rows.length === 0) return 0;
  const events = rows.map(auditRow);
  await makeLog(tx, randomBytes(8).toString('hex'));
  const state = (await readState(tx)) as LogState;
  const keys = await keysOf(tx, events);
  await write(tx, state, leavesOf(events, state, keys));
  return events.length;
}

/** Keys of all holders; new ones for those that have none. */
async function keysOf(tx: SqlRunner, events: readonly AuditRow[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const holders = [...new Set(events.flatMap((event) => Object.values(holdersOf(event))))];
  await tx.query(
    `INSERT INTO rampart.audit_holders (holder, key)
     SELECT holder, decode(key, 'hex') FROM jsonb_to_recordset($1::text::jsonb) AS given (holder text, key text)
     ON CONFLICT (holder) DO NOTHING`,
    [JSON.stringify(holders.map((holder) => ({ holder, key: randomBytes(KEY_BYTES).toString('hex') })))],
  );
  return readKeys(tx, holders);
}

/** Keys of holders, of those that have one. */
export async function readKeys(
  sql: SqlRunner,
  holders: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { rows } = await sql.query(
    `SELECT holder, key FROM rampart.audit_holders
     WHERE holder IN (SELECT jsonb_array_elements_text($1::text::jsonb))`,
    [JSON.stringify(holders)],
  );
  return new Map(rows.map((row) => [row['holder'] as string, new Uint8Array(row['key'] as Uint8Array)]));
}

interface Leaf {
  readonly seq: number;
  readonly event_id: string;
  readonly leaf: string;
  readonly sequenced_us: string;
  readonly who_tag: string;
  readonly who_commit: string;
  readonly what_tag: string;
  readonly what_commit: string;
  readonly erases: string;
}

interface Batch {
  readonly leaves: readonly Leaf[];
  readonly nodes: readonly { readonly level: number; readonly idx: number; readonly hash: string }[];
  readonly sequencedUs: string;
}

/** Appends to the tree of `state`. */
function leavesOf(
  events: readonly AuditRow[],
  state: LogState,
  keys: ReadonlyMap<string, Uint8Array>,
): Batch {
  const sequencedUs = String(state.nowUs > state.sequencedUs ? state.nowUs : state.sequencedUs);
  const nodes: Batch['nodes'][number][] = [];
  const tags = new Map([...keys].map(([holder, key]) => [holder, tagOf(key)]));
  const leaves = events.map((event) => {
    const seq = state.tree.size;
    const holders = holdersOf(event);
    const commitment = (part: PartName): PartCommitment => {
      const key = keys.get(holders[part]) as Uint8Array;
      return { tag: tags.get(holders[part]) as string, commit: commitOf(openingOf(part, event, key)) };
    };
    const parts = { who: commitment('who'), what: commitment('what'), erases: erasedTagOf(event) };
    const leaf = entryHash(entryOf(event, { seq, sequencedUs }, parts));
    state.tree.append(leaf, (level, idx, hash) => {
      if (KEPT_LEVELS.has(level)) nodes.push({ level, idx, hash: hexOf(hash) });
    });
    return {
      seq,
      event_id: event.id,
      leaf: hexOf(leaf),
      sequenced_us: sequencedUs,
      who_tag: parts.who.tag,
      who_commit: parts.who.commit,
      what_tag: parts.what.tag,
      what_commit: parts.what.commit,
      erases: parts.erases,
    };
  });
  return { leaves, nodes, sequencedUs };
}

/** One statement writes leaves and marks their events; should one be marked already, nothing is written. */
async function write(tx: SqlRunner, state: LogState, { leaves, nodes, sequencedUs }: Batch): Promise<void> {
  await tx.query(
    `WITH given AS (SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS given (
        seq bigint, event_id text, leaf text, sequenced_us bigint, who_tag text, who_commit text, what_tag text,
        what_commit text, erases text)),
      marked AS (UPDATE rampart.events AS e SET audit_seq = given.seq FROM given WHERE e.id = given.event_id)
     INSERT INTO rampart.audit_leaves
       (seq, event_id, leaf, sequenced_us, who_tag, who_commit, what_tag, what_commit, erases)
     SELECT seq, event_id, decode(leaf, 'hex'), sequenced_us, who_tag, who_commit, what_tag, what_commit, erases FROM given`,
    [JSON.stringify(leaves)],
  );
  if (nodes.length > 0)
    await tx.query(
      `INSERT INTO rampart.audit_nodes (level, idx, hash) SELECT level, idx, decode(hash, 'hex')
       FROM jsonb_to_recordset($1::text::jsonb) AS given (level smallint, idx bigint, hash text)`,
      [JSON.stringify(nodes)],
    );
  await tx.query('UPDATE rampart.audit_log SET size = $1, edge = $2, sequenced_us = $3::text::bigint', [
    state.tree.size,
    state.tree.encode(),
    sequencedUs,
  ]);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
