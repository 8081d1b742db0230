import type { Severity } from '../../../core/events.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { DeliveryRow } from './rows.ts';
import type { Cause } from './types.ts';

/** A telling that is to be done. */
export interface Delivery {
  readonly id: string;
  /** Null for digests and tests. */
  readonly alert: string | null;
  readonly channel: string;
  readonly cause: Cause;
  readonly severity: Severity;
  /** Of a digest: how many alerts it is about. */
  readonly about: number;
  readonly atMs: number;
  /** Tries before this one. */
  readonly attempts: number;
}

/** How a channel fares. */
export interface ChannelRecord {
  readonly name: string;
  readonly sentAtMs: number | null;
  readonly failedAtMs: number | null;
  /** What the last try failed of; null once one succeeded. */
  readonly error: string | null;
  readonly waiting: number;
}

const CLAIM = `UPDATE rampart.alert_deliveries SET claimed_by = $2, claimed_until_ms = $3
WHERE id IN (
  SELECT d.id FROM rampart.alert_deliveries d
  WHERE d.state = 'waiting' AND d.due_at_ms <= $1 AND d.channel = ANY($4)
    AND (d.claimed_until_ms IS NULL OR d.claimed_until_ms <= $1)
    AND NOT EXISTS (
      SELECT 1 FROM rampart.alert_deliveries o
      WHERE o.alert = d.alert AND o.channel = d.channel AND o.state = 'waiting' AND o.place < d.place)
  ORDER BY d.due_at_ms, d.place LIMIT $5 FOR UPDATE SKIP LOCKED)
RETURNING *`;

/** What people are still to be told, in the database: written with the change itself, so that no crash loses it. */
export class Deliveries {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Adds tellings that are due now. */
  async add(
    given: readonly (Pick<Delivery, 'alert' | 'channel' | 'cause' | 'severity'> & {
      readonly about?: number;
    })[],
    nowMs: number,
  ): Promise<readonly string[]> {
    const added = given.map((one) => ({ about: 1, ...one, id: newId('tell', nowMs) }));
    // In this order: what is told of one alert is told in the order of its rows.
    for (const { id, alert, channel, cause, severity, about } of added) {
      await this.#sql.query(
        `INSERT INTO rampart.alert_deliveries
           (id, alert, channel, cause, severity, about, state, at_ms, due_at_ms, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7, 0)`,
        [id, alert, channel, cause, severity, about, Math.floor(nowMs)],
      );
    }
    return added.map(({ id }) => id);
  }

  /** Takes back what nobody has begun to tell of an alert, and has the rest told now: what follows waits for it. */
  async withdraw(alert: string, nowMs: number): Promise<void> {
    const values = [alert, Math.floor(nowMs)];
    await this.#sql.query(
      `DELETE FROM rampart.alert_deliveries WHERE alert = $1 AND state = 'waiting' AND attempts = 0
         AND (claimed_until_ms IS NULL OR claimed_until_ms <= $2)`,
      values,
    );
    await this.#sql.query(
      `UPDATE rampart.alert_deliveries SET due_at_ms = least(due_at_ms, $2) WHERE alert = $1 AND state = 'waiting'`,
      values,
    );
  }

  /** Channels that were told of an alert, or may have been. */
  async toldOn(alert: string): Promise<ReadonlySet<string>> {
    const text = `SELECT DISTINCT channel FROM rampart.alert_deliveries
      WHERE alert = $1 AND (state = 'sent' OR (state = 'waiting' AND (attempts > 0 OR claimed_by IS NOT NULL)))`;
    const found = await this.#sql.query(text, [alert]);
    return new Set(found.rows.map((row) => row['channel'] as string));
  }

  /** Takes tellings that are due for this process alone, until `untilMs`: whoever dies with one leaves it to the others. */
  async claim(
    by: string,
    channels: readonly string[],
    nowMs: number,
    untilMs: number,
    limit: number,
  ): Promise<readonly Delivery[]> {
    if (channels.length === 0) return [];
    const values = [Math.floor(nowMs), by, Math.floor(untilMs), [...channels], limit];
    const found = await this.#sql.query(CLAIM, values);
    return (found.rows as unknown as readonly DeliveryRow[]).map(deliveryOf);
  }

  /** Ends a telling. @returns false where another process has taken it over meanwhile */
  async end(id: string, by: string, state: 'sent' | 'given-up', nowMs: number): Promise<boolean> {
    const text = `UPDATE rampart.alert_deliveries SET state = $3, done_at_ms = $4, attempts = attempts + 1
      WHERE id = $1 AND claimed_by = $2 AND state = 'waiting'`;
    return (await this.#sql.query(text, [id, by, state, Math.floor(nowMs)])).affected > 0;
  }

  /** Has a telling done later. @param isTry whether it was tried in vain */
  async postpone(id: string, by: string, dueAtMs: number, isTry: boolean): Promise<void> {
    const text = `UPDATE rampart.alert_deliveries SET due_at_ms = $3, attempts = attempts + $4,
      claimed_by = CASE WHEN $4 > 0 THEN claimed_by END, claimed_until_ms = NULL
      WHERE id = $1 AND claimed_by = $2 AND state = 'waiting'`;
    await this.#sql.query(text, [id, by, Math.floor(dueAtMs), isTry ? 1 : 0]);
  }

  /** Remembers how a try went. @param error null where it went well */
  async record(channel: string, error: string | null, nowMs: number): Promise<void> {
    const at = Math.floor(nowMs);
    const values = [channel, error === null ? at : null, error === null ? null : at, error];
    await this.#sql.query(
      `INSERT INTO rampart.alert_channels (name, sent_at_ms, failed_at_ms, error) VALUES ($1, $2, $3, $4)
       ON CONFLICT (name) DO UPDATE SET sent_at_ms = coalesce(excluded.sent_at_ms, alert_channels.sent_at_ms),
         failed_at_ms = coalesce(excluded.failed_at_ms, alert_channels.failed_at_ms), error = excluded.error`,
      values,
    );
  }

  /** How these channels fare. */
  async channels(names: readonly string[]): Promise<readonly ChannelRecord[]> {
    const found = await this.#sql.query(
      `SELECT n.name, c.sent_at_ms, c.failed_at_ms, c.error,
         (SELECT count(*) FROM rampart.alert_deliveries d WHERE d.channel = n.name AND d.state = 'waiting') AS waiting
       FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place)
       LEFT JOIN rampart.alert_channels c ON c.name = n.name ORDER BY n.place`,
      [[...names]],
    );
    return found.rows.map((row) => ({
      name: row['name'] as string,
      sentAtMs: row['sent_at_ms'] as number | null,
      failedAtMs: row['failed_at_ms'] as number | null,
      error: row['error'] as string | null,
      waiting: Number(row['waiting']),
    }));
  }

  /** One telling's state; undefined where there is none. */
  async stateOf(id: string): Promise<DeliveryRow['state'] | undefined> {
    const found = await this.#sql.query('SELECT state FROM rampart.alert_deliveries WHERE id = $1', [id]);
    return found.rows[0]?.['state'] as DeliveryRow['state'] | undefined;
  }

  /** Forgets tellings that ended before a time, and those that waited as long for a channel that is no more. */
  async prune(beforeMs: number): Promise<void> {
    await this.#sql.query(
      `DELETE FROM rampart.alert_deliveries WHERE id IN (SELECT d.id FROM rampart.alert_deliveries d
         LEFT JOIN rampart.alerts a ON a.id = d.alert
         WHERE d.at_ms < $1 AND (a.id IS NULL OR a.state IN ('RESOLVED', 'FALSE_POSITIVE')) LIMIT 1000)`,
      [Math.floor(beforeMs)],
    );
  }
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    alert: row.alert,
    channel: row.channel,
    cause: row.cause,
    severity: row.severity,
    about: row.about,
    atMs: row.at_ms,
    attempts: row.attempts,
  };
}
