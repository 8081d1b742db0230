import { ConflictError, NotFoundError, OptionsError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import type { By } from './erase.ts';
import type { AuditPorts } from './ports.ts';
import { lockLog } from './rows.ts';

/** A legal hold: events that fit all that it names are neither deleted nor erased while it is in force. */
export interface Hold {
  /** `hld_…` */
  readonly id: string;
  /** Who did it, or what or whom it is about, as events name them; null: everybody. */
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

/** What a hold is placed on. One of holder, type and time must be given. */
export interface NewHold {
  /** At most 300 characters. */
  readonly holder?: string | undefined;
  /** At most 100 characters. */
  readonly type?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** 3 to 500 characters. */
  readonly reason: string;
}

/** Holds in force at most. */
export const MAX_HOLDS = 1_000;
const COLUMNS = `id, holder, type, from_ms, to_ms, reason, placed_by, placed_at_ms, lifted_by, lifted_at_ms`;

/** Tables of holds, and what an event says of its expiry. */
export const holdTables = `
ALTER TABLE rampart.events ADD COLUMN expired_at_ms bigint;
CREATE INDEX events_unexpired ON rampart.events (id)
  WHERE class = 'audit' AND audit_seq IS NOT NULL AND expired_at_ms IS NULL;

CREATE TABLE rampart.event_holds (
  id text COLLATE "C" PRIMARY KEY,
  holder text,
  type text,
  from_ms bigint,
  to_ms bigint,
  reason text NOT NULL,
  placed_by text NOT NULL,
  placed_at_ms bigint NOT NULL,
  lifted_by text,
  lifted_at_ms bigint
);
CREATE INDEX event_holds_in_force ON rampart.event_holds (id) WHERE lifted_at_ms IS NULL;`;

/** Whether a hold `h` in force keeps an event `e`. Accounts are `acc_…` as subjects and `user:acc_…` as actors. */
export const HELD = `h.lifted_at_ms IS NULL
  AND (h.type IS NULL OR h.type = e.type)
  AND (h.from_ms IS NULL OR e.at_ms >= h.from_ms) AND (h.to_ms IS NULL OR e.at_ms < h.to_ms)
  AND (h.holder IS NULL OR regexp_replace(h.holder, '^user:', '')
    IN (regexp_replace(e.actor, '^user:', ''), regexp_replace(e.subject, '^user:', '')))`;

/** A condition on events `e`: no hold keeps them. */
export const NOT_HELD = `NOT EXISTS (SELECT 1 FROM rampart.event_holds AS h WHERE ${HELD})`;

/**
 * Places a hold, with an event that tells of it. Nothing expires and nobody is erased at the same moment.
 * @throws OptionsError naming what is missing; ConflictError where there are too many
 */
export async function placeHold(
  sql: SqlStore,
  given: NewHold,
  by: By,
  atMs: number,
  write: AuditPorts['write'],
): Promise<Hold> {
  const { holder, type, fromMs, toMs, reason } = readHold(given);
  return sql.transaction(async (tx) => {
    await lockLog(tx);
    const { rows } = await tx.query(
      `INSERT INTO rampart.event_holds (id, holder, type, from_ms, to_ms, reason, placed_by, placed_at_ms)
       SELECT $1, $2, $3, $4::bigint, $5::bigint, $6, $7, $8::bigint
       WHERE (SELECT count(*) FROM rampart.event_holds WHERE lifted_at_ms IS NULL) < ${MAX_HOLDS}
       RETURNING ${COLUMNS}`,
      [newId('hld', atMs), holder, type, fromMs, toMs, reason, by.actor ?? 'unknown', Math.floor(atMs)],
    );
    const [row] = rows;
    if (row === undefined)
      throw new ConflictError(`There are ${MAX_HOLDS} legal holds in force: lift some first.`);
    const hold = holdOf(row);
    const details = { holder, type, fromMs, toMs, reason };
    await write(tx, 'LEGAL_HOLD_PLACED', { ...by, subject: hold.id, details });
    return hold;
  });
}

/**
 * Lifts a hold, with an event that tells of it.
 * @throws NotFoundError where there is none; ConflictError where it was lifted before
 */
export async function liftHold(
  sql: SqlStore,
  id: string,
  by: By,
  atMs: number,
  write: AuditPorts['write'],
): Promise<Hold> {
  return sql.transaction(async (tx) => {
    await lockLog(tx);
    const { rows } = await tx.query(
      `UPDATE rampart.event_holds SET lifted_by = $2, lifted_at_ms = $3::bigint
       WHERE id = $1 AND lifted_at_ms IS NULL RETURNING ${COLUMNS}`,
      [id, by.actor ?? 'unknown', Math.floor(atMs)],
    );
    const [row] = rows;
    if (row !== undefined) {
      const hold = holdOf(row);
      const { holder, type, reason } = hold;
      await write(tx, 'LEGAL_HOLD_LIFTED', { ...by, subject: id, details: { holder, type, reason } });
      return hold;
    }
    const { rows: known } = await tx.query('SELECT 1 FROM rampart.event_holds WHERE id = $1', [id]);
    if (known.length === 0) throw new NotFoundError('There is no such legal hold.');
    throw new ConflictError('The legal hold was lifted before.');
  });
}

/** Holds, those in force first, each newest first; at most 1,000 of each. */
export async function readHolds(sql: SqlRunner): Promise<readonly Hold[]> {
  const { rows } = await sql.query(
    `(SELECT ${COLUMNS} FROM rampart.event_holds WHERE lifted_at_ms IS NULL ORDER BY id DESC LIMIT ${MAX_HOLDS})
     UNION ALL (SELECT ${COLUMNS} FROM rampart.event_holds WHERE lifted_at_ms IS NOT NULL
       ORDER BY lifted_at_ms DESC, id DESC LIMIT ${MAX_HOLDS})`,
  );
  return rows.map(holdOf);
}

/**
 * A hold that keeps an event of a holder.
 * @param tag pseudonym under which leaves name the holder
 */
export async function holdOn(sql: SqlRunner, tag: string): Promise<string | undefined> {
  const { rows } = await sql.query(
    `SELECT h.id FROM rampart.event_holds AS h WHERE h.lifted_at_ms IS NULL AND EXISTS (
       SELECT 1 FROM rampart.audit_leaves AS l JOIN rampart.events AS e ON e.id = l.event_id
       WHERE (l.who_tag = $1 OR l.what_tag = $1) AND ${HELD}) LIMIT 1`,
    [tag],
  );
  return rows[0]?.['id'] as string | undefined;
}

function readHold(given: NewHold): {
  readonly holder: string | null;
  readonly type: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly reason: string;
} {
  const text = (name: 'holder' | 'type', max: number): string | null => {
    const value = given[name]?.trim() ?? '';
    if (value.length > max) throw new OptionsError(name, `expected at most ${max} characters`);
    return value === '' ? null : value;
  };
  const [holder, type] = [text('holder', 300), text('type', 100)];
  const { fromMs = null, toMs = null } = given;
  const reason = given.reason.trim();
  if (reason.length < 3 || reason.length > 500)
    throw new OptionsError('reason', 'expected 3 to 500 characters');
  if (holder === null && type === null && fromMs === null && toMs === null)
    throw new OptionsError('holder', 'a hold on everything is none: name who, which type, or which time');
  if (fromMs !== null && toMs !== null && fromMs >= toMs)
    throw new OptionsError('toMs', 'is not after fromMs');
  return { holder, type, fromMs, toMs, reason };
}

function holdOf(row: Readonly<Record<string, unknown>>): Hold {
  const time = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  return {
    id: row['id'] as string,
    holder: row['holder'] as string | null,
    type: row['type'] as string | null,
    fromMs: time('from_ms'),
    toMs: time('to_ms'),
    reason: row['reason'] as string,
    placedBy: row['placed_by'] as string,
    placedAtMs: Number(row['placed_at_ms']),
    liftedBy: row['lifted_by'] as string | null,
    liftedAtMs: time('lifted_at_ms'),
  };
}
