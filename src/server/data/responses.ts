import { toJsonText } from '../../base/database/index.ts';
import {
  costOf,
  isActing,
  type Lease,
  OPEN_STATES,
  parseLeaseTarget,
  type Usage,
} from '../../modules/respond/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';

/** Leases that are open at most; what is asked for beyond is refused. */
export const MAX_OPEN_LEASES = 2_000;
/** How long a lease that has ended is shown. */
const KEPT_MS = 90 * 86_400_000;

/** Which leases are looked up; what is left out narrows nothing. */
export interface LeaseFilter {
  readonly states?: readonly Lease['state'][] | undefined;
  readonly responder?: string | undefined;
  readonly alert?: string | undefined;
  /** Part of the target, the reason, or who began it. */
  readonly text?: string | undefined;
}

/** Whether a lease is looked for: what `past` asks the database. */
export function fitsFilter(lease: Lease, { states, responder, alert, text }: LeaseFilter): boolean {
  const said = `${lease.target} ${lease.reason} ${lease.startedBy}`.toLowerCase();
  return (
    (states === undefined || states.includes(lease.state)) &&
    (responder === undefined || lease.responder === responder) &&
    (alert === undefined || lease.alert === alert) &&
    (text === undefined || said.includes(text.toLowerCase()))
  );
}

/** How many automatic responses only would have begun, and since when. */
export const SHADOWED = `SELECT count(*)::int AS count, min(started_at_ms) AS since FROM rampart.responses
  WHERE automatic AND NOT acted AND state NOT IN ('waiting', 'refused')`;

/** Leases in the database. Every change takes the runner of the transaction in which its audit event is written. */
export class ResponseStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Those that have not ended, oldest first. */
  async open(runner: SqlRunner = this.#sql): Promise<readonly Lease[]> {
    const { rows } = await runner.query(
      'SELECT lease FROM rampart.responses WHERE state = ANY($1) ORDER BY id LIMIT $2',
      [[...OPEN_STATES], MAX_OPEN_LEASES],
    );
    return rows.map(leaseOf);
  }

  /** Those that have ended, or would have acted, newest first. @param limit 1 to 200 */
  async past(limit: number, before?: string, filter: LeaseFilter = {}): Promise<readonly Lease[]> {
    const { states, responder, alert, text } = filter;
    const { rows } = await this.#sql.query(
      `SELECT lease FROM rampart.responses
       WHERE NOT state = ANY($1) AND ($2::text IS NULL OR id < $2)
         AND ($4::text[] IS NULL OR state = ANY($4)) AND ($5::text IS NULL OR responder = $5)
         AND ($6::text IS NULL OR alert = $6)
         AND ($7::text IS NULL OR strpos(lower(concat_ws(' ', target, lease->>'reason', lease->>'startedBy')), lower($7)) > 0)
       ORDER BY id DESC LIMIT $3`,
      [
        ['waiting', 'staged', 'full'],
        before ?? null,
        limit,
        states === undefined ? null : [...states],
        responder ?? null,
        alert ?? null,
        text ?? null,
      ],
    );
    return rows.map(leaseOf);
  }

  /** A lease, or `undefined`. */
  async get(id: string): Promise<Lease | undefined> {
    const { rows } = await this.#sql.query('SELECT lease FROM rampart.responses WHERE id = $1', [id]);
    return rows[0] && leaseOf(rows[0]);
  }

  /** Ids of those that were begun for an alert, newest first; at most 50. */
  async ofAlert(alert: string): Promise<readonly string[]> {
    const { rows } = await this.#sql.query(
      'SELECT id FROM rampart.responses WHERE alert = $1 ORDER BY id DESC LIMIT 50',
      [alert],
    );
    return rows.map((row) => row['id'] as string);
  }

  /** Those that name one of the events as evidence, or were begun for one of the alerts, newest first; at most 20. */
  async following(events: readonly string[], alerts: readonly string[]): Promise<readonly Lease[]> {
    const { rows } = await this.#sql.query(
      `SELECT lease FROM rampart.responses WHERE lease->'evidence' ?| $1::text[] OR alert = ANY($2)
       ORDER BY id DESC LIMIT 20`,
      [[...events], [...alerts]],
    );
    return rows.map(leaseOf);
  }

  /** Those of detectors that only would have begun; null where there are none. */
  async shadowed(): Promise<{ readonly count: number; readonly sinceMs: number } | null> {
    const { rows } = await this.#sql.query(SHADOWED);
    const count = Number(rows[0]?.['count']);
    return count === 0 ? null : { count, sinceMs: Number(rows[0]?.['since']) };
  }

  /** Has all who begin leases wait for each other, so that together they never exceed the budget. */
  async lock(tx: SqlRunner): Promise<void> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('rampart responses', 0))");
  }

  /** What automatic leases use: those that act, and those that began to act since a time. */
  async used(tx: SqlRunner, sinceMs: number): Promise<Usage> {
    const { rows } = await tx.query(
      `SELECT coalesce(sum(cost_traffic), 0)::float8 AS traffic, coalesce(sum(cost_accounts), 0)::float8 AS accounts,
         count(*) FILTER (WHERE state IN ('staged', 'full'))::int AS acting
       FROM rampart.responses
       WHERE automatic AND acted AND (state IN ('staged', 'full') OR started_at_ms >= $1)`,
      [sinceMs],
    );
    const row = rows[0] ?? {};
    return {
      traffic: Number(row['traffic']),
      accounts: Number(row['accounts']),
      acting: Number(row['acting']),
    };
  }

  /** The open lease of a responder and target, or `undefined`. */
  async standing(tx: SqlRunner, responder: string, target: string): Promise<Lease | undefined> {
    const { rows } = await tx.query(
      'SELECT lease FROM rampart.responses WHERE responder = $1 AND target = $2 AND state = ANY($3) FOR UPDATE',
      [responder, target, [...OPEN_STATES]],
    );
    return rows[0] && leaseOf(rows[0]);
  }

  /** Whether there was a response to a target at or after a time: begun, refused, undone or still open. */
  async isDecided(responder: string, target: string, sinceMs: number): Promise<boolean> {
    const { rows } = await this.#sql.query(
      `SELECT 1 FROM rampart.responses WHERE responder = $1 AND target = $2
         AND (ended_at_ms IS NULL OR ended_at_ms >= $3) LIMIT 1`,
      [responder, target, sinceMs],
    );
    return rows.length > 0;
  }

  /** A lease, held until the transaction ends. */
  async held(tx: SqlRunner, id: string): Promise<Lease | undefined> {
    const { rows } = await tx.query('SELECT lease FROM rampart.responses WHERE id = $1 FOR UPDATE', [id]);
    return rows[0] && leaseOf(rows[0]);
  }

  /** Writes a lease, new or changed. */
  async save(tx: SqlRunner, lease: Lease): Promise<void> {
    const cost = costOfLease(lease);
    await tx.query(
      `INSERT INTO rampart.responses
         (id, state, responder, target, automatic, lease, cost_traffic, cost_accounts, acted, started_at_ms, ended_at_ms, alert)
       VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10, $11, $12)
       ON CONFLICT (id) DO UPDATE SET state = $2, lease = $6::text::jsonb, acted = rampart.responses.acted OR $9, ended_at_ms = $11`,
      [
        lease.id,
        lease.state,
        lease.responder,
        lease.target,
        lease.automatic,
        toJsonText(lease),
        cost.traffic,
        cost.accounts,
        isActing(lease),
        lease.startedAtMs,
        lease.endedAtMs,
        lease.alert,
      ],
    );
  }

  /** Adds requests that a lease met on one node. */
  async addMet(id: string, requests: number): Promise<void> {
    await this.#sql.query('UPDATE rampart.responses SET met = met + $2 WHERE id = $1', [id, requests]);
  }

  /** Requests that those which act have met on all nodes, by id. */
  async met(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#sql.query(
      "SELECT id, met FROM rampart.responses WHERE state IN ('staged', 'full') LIMIT $1",
      [MAX_OPEN_LEASES],
    );
    return new Map(rows.map((row) => [row['id'] as string, Number(row['met'])]));
  }

  /** Forgets what ended long ago. */
  async prune(nowMs: number): Promise<void> {
    await this.#sql.query('DELETE FROM rampart.responses WHERE ended_at_ms < $1', [nowMs - KEPT_MS]);
  }
}

function costOfLease(lease: Lease): { readonly traffic: number; readonly accounts: number } {
  const target = parseLeaseTarget(lease.responder, lease.target)?.kind ?? 'all';
  return costOf({ lease, target, radius: lease.radius });
}

function leaseOf(row: Readonly<Record<string, unknown>>): Lease {
  return row['lease'] as Lease;
}
