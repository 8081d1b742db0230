import { sql } from 'kysely';
import { toJsonText } from '../../base/database/index.ts';
import { ConflictError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { type FalseAlarm, REPORT_STATES, type ReportState } from '../api/shield-types.ts';
import { affected, db, firstRow, rows } from './query.ts';
import type { FalseAlarmsTable } from './tables.ts';

/** A page of reports to look up. */
export interface ReportQuery {
  readonly limit: number;
  readonly states?: readonly ReportState[] | undefined;
  readonly decision?: string | undefined;
  /** Only those older than this id. */
  readonly before?: string | undefined;
}

/** What is reported. */
export type NewReport = Pick<
  FalseAlarm,
  'decision' | 'note' | 'reportedBy' | 'guard' | 'route' | 'address' | 'findings'
>;

/** Reports that wait, at most. */
export const MAX_OPEN_REPORTS = 1_000;
/** Reports in all; the oldest settled ones go first. */
export const MAX_REPORTS = 10_000;

const TABLE = 'rampart.false_alarms';

/** Reports of false alarms. Every change takes the runner of the transaction in which its audit event is written. */
export class FalseAlarmStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Newest first. */
  async page({ limit, states, decision, before }: ReportQuery): Promise<readonly FalseAlarm[]> {
    let select = db.selectFrom(TABLE).selectAll().orderBy('id', 'desc').limit(limit);
    if (states !== undefined) select = select.where('state', 'in', [...states]);
    if (decision !== undefined) select = select.where('decision', '=', decision);
    if (before !== undefined) select = select.where('id', '<', before);
    return (await rows(this.#sql, select)).map(reportOf);
  }

  /** How many there are of each state. */
  async counts(): Promise<Readonly<Record<ReportState, number>>> {
    const found = await rows(
      this.#sql,
      db
        .selectFrom(TABLE)
        .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
        .groupBy('state'),
    );
    const counts = Object.fromEntries(REPORT_STATES.map((state) => [state, 0])) as Record<
      ReportState,
      number
    >;
    for (const { state, count } of found) counts[state] = count;
    return counts;
  }

  /** @returns `undefined` where there is none of that id */
  async get(id: string): Promise<FalseAlarm | undefined> {
    const row = await firstRow(this.#sql, db.selectFrom(TABLE).selectAll().where('id', '=', id));
    return row && reportOf(row);
  }

  /** The report of a decision. */
  async of(decision: string): Promise<FalseAlarm | undefined> {
    return (await this.page({ limit: 1, decision }))[0];
  }

  /** Decisions of a span that were reported, but for those whose report was dismissed. */
  async reportedSince(fromMs: number): Promise<ReadonlySet<string>> {
    const found = await rows(
      this.#sql,
      db
        .selectFrom(TABLE)
        .select('decision')
        .where('state', 'in', ['open', 'accepted'])
        // A decision is reported after it was made.
        .where('at_ms', '>=', fromMs)
        .limit(MAX_REPORTS),
    );
    return new Set(found.map(({ decision }) => decision));
  }

  /**
   * Adds a report.
   * @returns `undefined` where the decision is reported already
   * @throws ConflictError when too many wait
   */
  async add(runner: SqlRunner, report: NewReport, nowMs: number): Promise<FalseAlarm | undefined> {
    const counts = await new FalseAlarmStore(runner).counts();
    if (counts.open >= MAX_OPEN_REPORTS)
      throw new ConflictError(`${MAX_OPEN_REPORTS} reports wait. Settle some first.`);
    const row = await firstRow(
      runner,
      db
        .insertInto(TABLE)
        .values({
          id: newId('fal', nowMs),
          decision: report.decision,
          state: 'open',
          note: report.note,
          reported_by: report.reportedBy,
          at_ms: nowMs,
          guard: report.guard,
          route: report.route,
          address: report.address,
          findings: sql<FalseAlarm['findings']>`${toJsonText(report.findings)}::text::jsonb`,
          settled_by: null,
          settled_at_ms: null,
          exclusion: null,
        })
        .onConflict((on) => on.column('decision').doNothing())
        .returningAll(),
    );
    if (counts.open + counts.accepted + counts.dismissed >= MAX_REPORTS) await forgetOldest(runner);
    return row && reportOf(row);
  }

  /** Settles a report that waits. @returns `undefined` where none of that id waits */
  async settle(
    runner: SqlRunner,
    id: string,
    { state, exclusion, by }: Settlement,
    nowMs: number,
  ): Promise<FalseAlarm | undefined> {
    const row = await firstRow(
      runner,
      db
        .updateTable(TABLE)
        .set({ state, exclusion, settled_by: by, settled_at_ms: nowMs })
        .where('id', '=', id)
        .where('state', '=', 'open')
        .returningAll(),
    );
    return row && reportOf(row);
  }

  /** Takes a draft that is deleted off the reports for which it was made. */
  async forgetExclusion(runner: SqlRunner, exclusion: string): Promise<void> {
    await affected(runner, db.updateTable(TABLE).set({ exclusion: null }).where('exclusion', '=', exclusion));
  }
}

/** How a report is settled. */
export interface Settlement {
  readonly state: 'accepted' | 'dismissed';
  readonly exclusion: string | null;
  readonly by: string;
}

async function forgetOldest(runner: SqlRunner): Promise<void> {
  const oldest = db.selectFrom(TABLE).select('id').where('state', '<>', 'open').orderBy('id').limit(1);
  await affected(runner, db.deleteFrom(TABLE).where('id', 'in', oldest));
}

function reportOf(row: FalseAlarmsTable): FalseAlarm {
  return {
    id: row.id,
    decision: row.decision,
    state: row.state,
    note: row.note,
    reportedBy: row.reported_by,
    atMs: row.at_ms,
    guard: row.guard,
    route: row.route,
    address: row.address,
    findings: row.findings,
    settledBy: row.settled_by,
    settledAtMs: row.settled_at_ms,
    exclusion: row.exclusion,
  };
}
