import type { QueryPlan, QuerySummary } from '../../base/database/index.ts';
import { toJsonText } from '../../base/database/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';

/** Table of what the nodes know of their statements. */
export const queryReportTables = `
CREATE TABLE rampart.query_reports (
  node text NOT NULL,
  source text NOT NULL,
  at_ms bigint NOT NULL,
  slow bigint NOT NULL,
  report jsonb NOT NULL,
  PRIMARY KEY (node, source)
);
CREATE INDEX query_reports_at ON rampart.query_reports (at_ms);`;

/** What a node knows of the statements of one database, as others may read it. */
export interface QueryReport extends QuerySummary {
  /** By the id of a listed statement; null where it has none. */
  readonly plans: Readonly<Record<string, QueryPlan | null>>;
}

/** Whose statements a report is of. */
export interface QuerySource {
  readonly node: string;
  /** Name of the database; `rampart` is the server's own. */
  readonly source: string;
  /** When the node last wrote. */
  readonly atMs: number;
  /** Slow statements, all told. */
  readonly slow: number;
}

/** Reports in the list; nodes that wrote last come first. */
export const MAX_QUERY_SOURCES = 200;
/** Nodes that were silent for so long are forgotten: 7 days. */
export const QUERY_REPORT_LIFE_MS = 7 * 86_400_000;

/** What nodes know of their statements, one row for each node and database. */
export class QueryReportStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Replaces what the node wrote before. */
  async save(node: string, source: string, report: QueryReport, nowMs: number): Promise<void> {
    await this.#sql.query(
      `INSERT INTO rampart.query_reports (node, source, at_ms, slow, report) VALUES ($1, $2, $3, $4, $5::text::jsonb)
       ON CONFLICT (node, source) DO UPDATE SET at_ms = excluded.at_ms, slow = excluded.slow, report = excluded.report`,
      [node, source, nowMs, report.slow, toJsonText(report)],
    );
  }

  /** Whose reports there are, the newest first. */
  async sources(): Promise<readonly QuerySource[]> {
    const { rows } = await this.#sql.query(
      'SELECT node, source, at_ms, slow FROM rampart.query_reports ORDER BY at_ms DESC, node, source LIMIT $1',
      [MAX_QUERY_SOURCES],
    );
    return rows.map((row) => ({
      node: row['node'] as string,
      source: row['source'] as string,
      atMs: Number(row['at_ms']),
      slow: Number(row['slow']),
    }));
  }

  /** @returns what the node wrote last; `undefined` where it wrote nothing */
  async find(
    node: string,
    source: string,
  ): Promise<{ readonly atMs: number; readonly report: QueryReport } | undefined> {
    const { rows } = await this.#sql.query(
      'SELECT at_ms, report FROM rampart.query_reports WHERE node = $1 AND source = $2',
      [node, source],
    );
    const row = rows[0];
    return row && { atMs: Number(row['at_ms']), report: row['report'] as QueryReport };
  }

  /** Forgets nodes that are silent, and the oldest beyond the list. @returns how many reports went */
  async prune(nowMs: number): Promise<number> {
    const { affected } = await this.#sql.query(
      `DELETE FROM rampart.query_reports WHERE at_ms < $1 OR (node, source) IN
         (SELECT node, source FROM rampart.query_reports ORDER BY at_ms DESC, node, source OFFSET $2)`,
      [nowMs - QUERY_REPORT_LIFE_MS, MAX_QUERY_SOURCES],
    );
    return affected;
  }
}
