import { explainQuery } from '../base/database/index.ts';
import type { Logger } from '../base/observe/index.ts';
import type { EventSink } from '../core/events.ts';
import type { Foundation } from './foundation.ts';
import { type MeasuredDatabase, OWN_SOURCE, QueryReporter } from './query-reporter.ts';

/** What of a foundation tells of its statements. */
export type StatementGround = Pick<Foundation, 'node' | 'queries' | 'slow' | 'sql' | 'clock' | 'timers'> & {
  readonly stores: Pick<Foundation['stores'], 'queryReports'>;
};

/**
 * Sees to the statements of the server's own database: a slow one becomes an event, and what is known of them is written
 * where other nodes read it, once the reporter is started.
 */
export function watchOwnStatements(
  foundation: StatementGround,
  events: EventSink,
  log: Logger,
): { readonly statements: MeasuredDatabase; readonly reporter: QueryReporter } {
  const { node, queries, sql, clock, timers, stores } = foundation;
  foundation.slow.tell = ({ id, shape, durationMs }) =>
    events.emit('DATABASE_QUERY_SLOW', {
      subject: id,
      details: { durationMs: Math.round(durationMs), statement: shape.slice(0, 500) },
    });
  const statements: MeasuredDatabase = {
    queries: () => queries.summary(),
    async plan(id) {
      const text = queries.textOf(id);
      return text === undefined ? undefined : explainQuery(sql, text);
    },
  };
  const parts = { node, store: stores.queryReports, clock, timers, log };
  return { statements, reporter: new QueryReporter(OWN_SOURCE, statements, parts) };
}
