import type { SqlRunner, SqlValue } from '../../ports/sql.ts';
import {
  entryOf,
  holdersOf,
  type LeafEntry,
  openingOf,
  type PartName,
  type PartOpening,
  personsOf,
  tagOf,
} from './leaf.ts';
import { auditRow, EVENT_COLUMNS } from './rows.ts';
import { readKeys } from './sequencer.ts';

/** An event of the log as a bundle holds it. `who` and `what` are null where the data were erased. */
export interface BundleEntry {
  readonly seq: number;
  /** base64. */
  readonly leaf: string;
  readonly entry: LeafEntry;
  readonly who: PartOpening | null;
  readonly what: PartOpening | null;
}

/** Which events of the log. Everything that is given must fit. */
export interface LogQuery {
  /** 1 to 1,000. */
  readonly limit: number;
  /** Only events at this place and later, oldest first. */
  readonly from?: number;
  /** Only events before this place, newest first. */
  readonly before?: number;
  readonly actor?: string;
  readonly subject?: string;
  readonly type?: string;
  readonly id?: string;
}

const LEAF_COLUMNS = `l.seq, l.event_id, encode(l.leaf, 'base64') AS leaf, l.sequenced_us::text AS sequenced_us, l.who_tag,
  l.who_commit, l.what_tag, l.what_commit, l.erases`;

/**
 * Events of the log with what opens them. A leaf whose event is gone comes with an entry in which nothing fits, so that
 * it is seen.
 */
export async function readEntries(sql: SqlRunner, query: LogQuery): Promise<readonly BundleEntry[]> {
  const values: SqlValue[] = [Math.min(1_000, Math.max(1, query.limit))];
  const conditions: string[] = [];
  const demand = (condition: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace('?', `$${values.length}`));
  };
  demand('l.seq >= ?', query.from);
  demand('l.seq < ?', query.before);
  demand('e.actor = ?', query.actor);
  demand('e.subject = ?', query.subject);
  demand('e.type = ?', query.type);
  demand('l.event_id = ?', query.id);
  const { rows } = await sql.query(
    `SELECT ${LEAF_COLUMNS}, ${EVENT_COLUMNS} FROM rampart.audit_leaves AS l
     LEFT JOIN rampart.events AS e ON e.id = l.event_id
     ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY l.seq ${query.from === undefined ? 'DESC' : ''} LIMIT $1`,
    values,
  );
  const holders = rows.flatMap((row) => {
    const event = auditRow(row);
    return [...Object.values(holdersOf(event)), ...Object.values(personsOf(event))];
  });
  const keys = await readKeys(sql, [...new Set(holders)]);
  return rows.map((row) => bundleEntry(row, keys));
}

function bundleEntry(
  row: Readonly<Record<string, unknown>>,
  keys: ReadonlyMap<string, Uint8Array>,
): BundleEntry {
  const text = (name: string): string => row[name] as string;
  const event = { ...auditRow(row), id: text('event_id'), atMs: (row['at_ms'] ?? 0) as number };
  const who = { tag: text('who_tag'), commit: text('who_commit') };
  const what = { tag: text('what_tag'), commit: text('what_commit') };
  const seq = Number(row['seq']);
  const holders = [holdersOf(event), personsOf(event)];
  const open = (part: PartName, tag: string): PartOpening | null => {
    // What has expired is not there, whoever it was of: a place in the log says so, or somebody took it away.
    if (row['expired_at_ms'] !== null) return null;
    const tried = holders.map((one) => keys.get(one[part]));
    const key = tried.find((one) => one !== undefined && tagOf(one) === tag);
    // Under another key, or under none: what stands there now was never committed to.
    return key === undefined ? null : openingOf(part, event, key);
  };
  return {
    seq,
    leaf: text('leaf').replaceAll('\n', ''),
    entry: entryOf(event, { seq, sequencedUs: text('sequenced_us') }, { who, what, erases: text('erases') }),
    who: open('who', who.tag),
    what: open('what', what.tag),
  };
}

/** A signed checkpoint as it is kept. */
export interface StoredCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly madeUs: string;
  readonly node: string;
  readonly note: string;
}

/** Checkpoints of a log, of more than `after` leaves, smallest first. */
export async function readCheckpoints(
  sql: SqlRunner,
  origin: string,
  after: number,
  limit: number,
): Promise<readonly StoredCheckpoint[]> {
  const { rows } = await sql.query(
    `SELECT origin, size, made_us::text AS made_us, node, note FROM rampart.audit_checkpoints
     WHERE origin = $1 AND size > $2 ORDER BY size LIMIT $3`,
    [origin, after, limit],
  );
  return rows.map(checkpointOf);
}

/** Checkpoints of a log, of at most `size` leaves, newest first. Whose they are is for the caller to find out. */
export async function newestCheckpoints(
  sql: SqlRunner,
  origin: string,
  size: number,
  limit: number,
): Promise<readonly StoredCheckpoint[]> {
  const { rows } = await sql.query(
    `SELECT origin, size, made_us::text AS made_us, node, note FROM rampart.audit_checkpoints
     WHERE origin = $1 AND size <= $2 ORDER BY size DESC LIMIT $3`,
    [origin, size, limit],
  );
  return rows.map(checkpointOf);
}

function checkpointOf(row: Readonly<Record<string, unknown>>): StoredCheckpoint {
  return {
    origin: row['origin'] as string,
    size: Number(row['size']),
    madeUs: row['made_us'] as string,
    node: row['node'] as string,
    note: row['note'] as string,
  };
}
