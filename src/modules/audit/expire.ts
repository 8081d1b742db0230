import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { NOT_HELD } from './holds.ts';
import { EXPIRED_TYPE, KEPT_TYPES, NOBODY, tagOf } from './leaf.ts';
import type { AuditPorts } from './ports.ts';
import { lockLog } from './rows.ts';
import { MAX_BATCH, readKeys, sequenceLocked } from './sequencer.ts';

/** Which audit events have run out: those whose id is less than a bound. Ids are ordered by time. */
export interface Expiry {
  /** Of all types that are not named; empty: none. */
  readonly before: string;
  /** By type; empty: never. */
  readonly types: Readonly<Record<string, string>>;
}

/** Characters of the places that one event names: a detail holds 1,000. */
const MAX_PLACES = 900;
const AT_ONCE = 1_000;

/**
 * Destroys who and what of audit events that have run out and that no hold keeps, a bounded batch of them, with an event in
 * the log that names their places: what is missing then without one was taken away. Leaves and proofs stay. Keys of those of
 * whom nothing is left are destroyed too.
 * @returns how many; call again while it is not 0
 */
export async function expireEvents(
  sql: SqlStore,
  expiry: Expiry,
  nowMs: number,
  write: AuditPorts['write'],
  atOnce = AT_ONCE,
): Promise<number> {
  if (expiry.before === '' && Object.values(expiry.types).every((before) => before === '')) return 0;
  return sql.transaction(async (tx) => {
    await lockLog(tx);
    const found = fitting(await runOut(tx, expiry, atOnce));
    if (found.length === 0) return 0;
    const ids = JSON.stringify(found.map(({ id }) => id));
    await tx.query(
      `UPDATE rampart.events SET actor = NULL, address = NULL, ip = NULL, session = NULL, user_agent = NULL, place = NULL,
         request = NULL, trace = NULL, subject = NULL, details = '{}', expired_at_ms = $2::bigint
       WHERE id IN (SELECT jsonb_array_elements_text($1::text::jsonb))`,
      [ids, Math.floor(nowMs)],
    );
    await forgetKeys(tx, found);
    const details = { events: found.length, places: placesOf(found.map(({ seq }) => seq)) };
    await write(tx, EXPIRED_TYPE, { details });
    // Its place comes with the expiry: a verification in between would take the data for stolen.
    while ((await sequenceLocked(tx)) === MAX_BATCH);
    return found.length;
  });
}

interface RunOut {
  readonly id: string;
  readonly seq: number;
  readonly holders: readonly string[];
}

async function runOut(tx: SqlRunner, { before, types }: Expiry, atOnce: number): Promise<readonly RunOut[]> {
  const latest = [before, ...Object.values(types)].reduce((a, b) => (a > b ? a : b));
  const { rows } = await tx.query(
    `SELECT e.id, e.audit_seq, e.actor, e.subject FROM rampart.events AS e
     LEFT JOIN jsonb_each_text($1::text::jsonb) AS t (type, before) ON t.type = e.type
     WHERE e.class = 'audit' AND e.audit_seq IS NOT NULL AND e.expired_at_ms IS NULL AND e.id < $2
       AND e.id < coalesce(t.before, $3) COLLATE "C"
       AND e.type NOT IN (SELECT jsonb_array_elements_text($4::text::jsonb)) AND ${NOT_HELD}
     ORDER BY e.id LIMIT $5`,
    [JSON.stringify(types), latest, before, JSON.stringify(KEPT_TYPES), atOnce],
  );
  return rows.map((row) => ({
    id: row['id'] as string,
    seq: Number(row['audit_seq']),
    holders: [row['actor'], row['subject']].filter((one) => typeof one === 'string'),
  }));
}

/** As many, in the order of their places, as one event can name. */
function fitting(found: readonly RunOut[]): readonly RunOut[] {
  const sorted = found.toSorted((a, b) => a.seq - b.seq);
  let count = sorted.length;
  while (count > 0 && placesOf(sorted.slice(0, count).map(({ seq }) => seq)).length > MAX_PLACES)
    count = Math.floor(count / 2);
  return sorted.slice(0, count);
}

/** Ascending places as a text: `0-99,101`. */
export function placesOf(seqs: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const seq of seqs) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else spans.push([seq, seq]);
  }
  return spans.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

const NEWEST = `SELECT 1 FROM rampart.events AS e WHERE e.expired_at_ms IS NULL AND e.id IN (
  (SELECT event_id FROM rampart.audit_leaves WHERE who_tag = $1 ORDER BY seq DESC LIMIT 1)
  UNION ALL (SELECT event_id FROM rampart.audit_leaves WHERE what_tag = $1 ORDER BY seq DESC LIMIT 1)) LIMIT 1`;
const ANY = `SELECT 1 FROM rampart.audit_leaves AS l JOIN rampart.events AS e ON e.id = l.event_id
  WHERE (l.who_tag = $1 OR l.what_tag = $1) AND e.expired_at_ms IS NULL LIMIT 1`;

/**
 * Without its key nobody can try whose a pseudonym was. The newest event is looked at first: it is seldom expired, and older
 * ones are then not gone through.
 */
async function forgetKeys(tx: SqlRunner, found: readonly RunOut[]): Promise<void> {
  const holders = new Set(found.flatMap((one) => one.holders));
  holders.delete(NOBODY);
  for (const [holder, key] of await readKeys(tx, [...holders])) {
    const tag = tagOf(key);
    const isLeft = async (sql: string): Promise<boolean> => (await tx.query(sql, [tag])).rows.length > 0;
    if (!(await isLeft(NEWEST)) && !(await isLeft(ANY)))
      await tx.query('DELETE FROM rampart.audit_holders WHERE holder = $1', [holder]);
  }
}
