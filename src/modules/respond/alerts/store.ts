import { SEVERITIES, type Severity } from '../../../core/events.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner, SqlValue } from '../../../ports/sql.ts';
import { alertOf, type AlertRow, clean, COLUMNS, rankOf, rowOf } from './rows.ts';
import { CALM, digestAtMs, type Storm, type StormRules } from './storm.ts';
import { ALERT_STATES, type Alert, type AlertState, type Note, type NoteKind } from './types.ts';

/** Which alerts are looked up. */
export interface AlertQuery {
  readonly states?: readonly AlertState[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly rule?: string | undefined;
  /** Null: those that nobody has. */
  readonly assignee?: string | null | undefined;
  /** Part of the title, the sentence, the group or the rule. */
  readonly text?: string | undefined;
  /** 1 to 100. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** What alerts are looked up by that came of it. */
export interface Origin {
  /** Ids of events. */
  readonly events: readonly string[];
  /** Parts of a group, such as `network=203.0.113.7`. */
  readonly about: readonly string[];
  readonly atMs: number;
}

/** An alert that came of something. */
export interface Following {
  readonly alert: Alert;
  /** It names one of the events. */
  readonly isNamed: boolean;
}

const MAX_FOLLOWING = 20;
/** So much before and after it: of a flood the first events are told at once, and the rest as one a while later. */
const AROUND_MS = 60_000;
/** Lines of a story that are kept; the oldest make room. */
export const MAX_NOTES = 200;
const JSON_COLUMNS: readonly string[] = ['recommended', 'events'];
const SAVE = `INSERT INTO rampart.alerts (${COLUMNS.join(', ')})
VALUES (${COLUMNS.map((name, i) => `$${i + 1}${JSON_COLUMNS.includes(name) ? '::text::jsonb' : ''}`).join(', ')})
ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')}`;

const LIST = `SELECT * FROM rampart.alerts
WHERE ($1::text[] IS NULL OR state = ANY($1)) AND ($2::text[] IS NULL OR severity = ANY($2))
  AND ($3::text IS NULL OR rule = $3) AND ($4::text IS NULL OR assignee = $4)
  AND (NOT $5::boolean OR assignee IS NULL)
  AND ($6::text IS NULL OR strpos(lower(concat_ws(' ', title, description, group_key, rule)), lower($6)) > 0)
  AND ($7::smallint IS NULL OR (rank, id) < ($7, $8))
ORDER BY rank DESC, id DESC LIMIT $9`;

/** Alerts and their stories in the database. */
export class AlertStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Remembers that an event was taken in. @returns false where it had been before */
  async see(event: string): Promise<boolean> {
    const text = 'INSERT INTO rampart.alert_seen (event) VALUES ($1) ON CONFLICT DO NOTHING';
    return (await this.#sql.query(text, [event])).affected > 0;
  }

  /** The newest alert of a rule and group, locked until the transaction ends. */
  async newest(rule: string, group: string): Promise<Alert | undefined> {
    const text =
      'SELECT * FROM rampart.alerts WHERE rule = $1 AND group_key = $2 ORDER BY id DESC LIMIT 1 FOR UPDATE';
    return (await this.#alerts(text, [clean(rule), clean(group)]))[0];
  }

  /** @param lock keeps others from changing it until the transaction ends */
  async get(id: string, lock = false): Promise<Alert | undefined> {
    const text = `SELECT * FROM rampart.alerts WHERE id = $1${lock ? ' FOR UPDATE' : ''}`;
    return (await this.#alerts(text, [clean(id)]))[0];
  }

  /** Alerts for which something is due, locked; those that another node has locked are left to it. */
  async due(nowMs: number, limit: number): Promise<readonly Alert[]> {
    const text = `SELECT * FROM rampart.alerts WHERE next_at_ms <= $1
      ORDER BY next_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED`;
    return this.#alerts(text, [Math.floor(nowMs), limit]);
  }

  async #alerts(text: string, values: readonly SqlValue[]): Promise<readonly Alert[]> {
    const { rows } = await this.#sql.query(text, values);
    return (rows as unknown as readonly AlertRow[]).map(alertOf);
  }

  /** Writes an alert as it is now, and adds to its story. */
  async save(alert: Alert, notes: readonly Note[]): Promise<void> {
    const row = rowOf(alert);
    const values = COLUMNS.map((name) => row[name]);
    await this.#sql.query(SAVE, values);
    await this.note(alert.id, notes);
  }

  /** Says that people were told of it, without touching what else may have changed. */
  async markTold(id: string, atMs: number): Promise<void> {
    const text = 'UPDATE rampart.alerts SET told_at_ms = greatest(told_at_ms, $2) WHERE id = $1';
    await this.#sql.query(text, [id, Math.floor(atMs)]);
  }

  /** Adds to an alert's story; beyond `MAX_NOTES` the oldest lines go. */
  async note(alert: string, notes: readonly Note[]): Promise<void> {
    for (const { atMs, by, kind, text } of notes) {
      const values = [alert, Math.floor(atMs), by, kind, clean(text.slice(0, 2_000))];
      const insert =
        'INSERT INTO rampart.alert_notes (alert, at_ms, by, kind, note) VALUES ($1, $2, $3, $4, $5)';
      await this.#sql.query(insert, values);
    }
    if (notes.length === 0) return;
    const text = `DELETE FROM rampart.alert_notes WHERE alert = $1 AND place IN
      (SELECT place FROM rampart.alert_notes WHERE alert = $1 ORDER BY place DESC OFFSET $2)`;
    await this.#sql.query(text, [alert, MAX_NOTES]);
  }

  /** Adds to an alert's story where it is still kept. */
  async remark(alert: string, note: Note): Promise<void> {
    const text = 'SELECT 1 FROM rampart.alerts WHERE id = $1 FOR UPDATE';
    const found = await this.#sql.query(text, [clean(alert)]);
    if (found.rows.length > 0) await this.note(alert, [note]);
  }

  /** The newest alert of a rule and group, where it names an event. */
  async naming(rule: string, group: string, event: string): Promise<string | undefined> {
    const text = `SELECT id FROM rampart.alerts WHERE rule = $1 AND group_key = $2
      AND events @> to_jsonb($3::text) ORDER BY id DESC LIMIT 1`;
    const { rows } = await this.#sql.query(text, [clean(rule), clean(group), clean(event)]);
    return rows[0]?.['id'] as string | undefined;
  }

  /** Alerts that name one of the events, or are about one of the callers and went on at that time; the newest first. */
  async following({ events, about, atMs }: Origin): Promise<readonly Following[]> {
    const text = `SELECT *, events ?| $1::text[] AS is_named FROM rampart.alerts
      WHERE events ?| $1::text[]
        OR (string_to_array(group_key, ' ') && $2::text[] AND first_at_ms <= $3::bigint + ${AROUND_MS} AND last_at_ms >= $3::bigint - ${AROUND_MS})
      ORDER BY id DESC LIMIT ${MAX_FOLLOWING}`;
    const values = [events.map(clean), about.map(clean), Math.floor(atMs)];
    const { rows } = await this.#sql.query(text, values);
    return rows.map((row) => ({
      alert: alertOf(row as unknown as AlertRow),
      isNamed: row['is_named'] === true,
    }));
  }

  /** An alert's story, oldest first. */
  async notes(alert: string): Promise<readonly Note[]> {
    const text = 'SELECT at_ms, by, kind, note FROM rampart.alert_notes WHERE alert = $1 ORDER BY place';
    const { rows } = await this.#sql.query(text, [alert]);
    return rows.map((row) => ({
      atMs: Number(row['at_ms']),
      by: row['by'] as string | null,
      kind: row['kind'] as NoteKind,
      text: row['note'] as string,
    }));
  }

  /** A page: the most severe of those that are open first, then the newest. A cursor that is none starts anew. */
  async list(
    query: AlertQuery,
  ): Promise<{ readonly alerts: readonly Alert[]; readonly nextCursor: string | null }> {
    const limit = Math.min(100, Math.max(1, query.limit));
    const [, rank, id] = /^([0-4])\.(alr_[0-9a-z]{26})$/.exec(query.cursor ?? '') ?? [];
    const many = (of: readonly string[] | undefined): SqlValue => (of?.length ? [...of] : null);
    const one = (of: string | null | undefined): SqlValue => (typeof of === 'string' ? clean(of) : null);
    const { states, severities, rule, assignee, text } = query;
    const alerts = await this.#alerts(LIST, [
      many(states),
      many(severities),
      one(rule),
      one(assignee),
      assignee === null,
      one(text),
      rank === undefined ? null : Number(rank),
      id ?? null,
      limit + 1,
    ]);
    const page = alerts.slice(0, limit);
    const last = page.at(-1);
    return {
      alerts: page,
      nextCursor: alerts.length > limit && last !== undefined ? `${rankOf(last)}.${last.id}` : null,
    };
  }

  /** How many there are of each state. */
  async counts(): Promise<Readonly<Record<AlertState, number>>> {
    const text = 'SELECT state, count(*) AS count FROM rampart.alerts GROUP BY state';
    const found = await this.#sql.query(text);
    const counts = Object.fromEntries(ALERT_STATES.map((state) => [state, 0])) as Record<AlertState, number>;
    for (const row of found.rows) counts[row['state'] as AlertState] = Number(row['count']);
    return counts;
  }

  /** How many are open of each severity. */
  async openCounts(): Promise<Readonly<Record<Severity, number>>> {
    const found = await this.#sql.query(
      'SELECT severity, count(*) AS count FROM rampart.alerts WHERE rank > 0 GROUP BY severity',
    );
    const counts = Object.fromEntries(SEVERITIES.map((one) => [one, 0])) as Record<Severity, number>;
    for (const row of found.rows) counts[row['severity'] as Severity] = Number(row['count']);
    return counts;
  }

  /** The storm, locked until the transaction ends: alerts are raised one after the other. */
  async storm(): Promise<Storm> {
    const found = await this.#sql.query('SELECT * FROM rampart.alert_storm WHERE id = 1 FOR UPDATE');
    return stormOf(found.rows[0]);
  }

  /** The storm where its digest is due, and no other node is at it. */
  async dueStorm(nowMs: number): Promise<Storm | undefined> {
    const text =
      'SELECT * FROM rampart.alert_storm WHERE id = 1 AND digest_at_ms <= $1 FOR UPDATE SKIP LOCKED';
    const [row] = (await this.#sql.query(text, [Math.floor(nowMs)])).rows;
    return row && stormOf(row);
  }

  /** Writes the storm as it is now. */
  async saveStorm(storm: Storm, rules: StormRules): Promise<void> {
    const { windowStartMs, told, critical, held, raging } = storm;
    await this.#sql.query(
      `UPDATE rampart.alert_storm SET window_start_ms = $1, told = $2, critical = $3, held = $4, raging = $5,
         digest_at_ms = $6 WHERE id = 1`,
      [Math.floor(windowStartMs), told, critical, held, raging, digestAtMs(storm, rules)],
    );
  }

  /** Forgets what was settled before a time, and events that nobody will bring again. @returns how many alerts went */
  async prune(settledBeforeMs: number, seenBeforeMs: number): Promise<number> {
    // An id begins with its time: without what follows it comes before all ids of that time.
    const first = newId('evt', seenBeforeMs).slice(0, -16);
    await this.#sql.query('DELETE FROM rampart.alert_seen WHERE event < $1', [first]);
    const gone = await this.#sql.query(
      `DELETE FROM rampart.alerts WHERE id IN (SELECT id FROM rampart.alerts
         WHERE state IN ('RESOLVED', 'FALSE_POSITIVE') AND settled_at_ms < $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)`,
      [Math.floor(settledBeforeMs)],
    );
    return gone.affected;
  }
}

function stormOf(row: Readonly<Record<string, unknown>> | undefined): Storm {
  if (row === undefined) return CALM;
  return {
    windowStartMs: Number(row['window_start_ms']),
    told: Number(row['told']),
    critical: Number(row['critical']),
    held: Number(row['held']),
    raging: row['raging'] === true,
  };
}
