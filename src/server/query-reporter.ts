import type { QueryPlan, QuerySummary } from '../base/database/index.ts';
import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { QueryReport, QueryReportStore } from './data/index.ts';

/** A database that knows how long its statements took. */
export interface MeasuredDatabase {
  queries(): QuerySummary;
  plan(id: string): Promise<QueryPlan | undefined>;
}

/** What reports are written with. */
export interface ReporterParts {
  readonly node: string;
  readonly store: Pick<QueryReportStore, 'save'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Name of the server's own database among those that are reported. */
export const OWN_SOURCE = 'rampart';

const WRITE_MS = 10_000;
/** A node that has nothing new says so this often, so that others know that it lives. */
const SILENT_MS = 5 * 60_000;
const MAX_STATEMENTS = 100;
/** Plans that one report asks for, and for how long they are good. */
const PLANS_EACH = 3;
const PLAN_LIFE_MS = 3_600_000;

/**
 * Writes what this node knows of a database's statements to where all nodes read it: every 10 seconds while there is
 * something new, the costliest 100 with their plans. It holds shapes alone, never a value.
 */
export class QueryReporter {
  readonly #source: string;
  readonly #database: MeasuredDatabase;
  readonly #parts: ReporterParts;
  readonly #plans = new Map<string, { readonly plan: QueryPlan | null; readonly atMs: number }>();
  #last = { mark: '', atMs: Number.NEGATIVE_INFINITY };
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(source: string, database: MeasuredDatabase, parts: ReporterParts) {
    this.#source = source.slice(0, 63);
    this.#database = database;
    this.#parts = parts;
  }

  /** Begins. */
  start(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.timers.after(WRITE_MS, () => {
      void this.write().finally(() => this.start());
    });
  }

  /** Writes now, where there is something new. Never rejects: the next one writes what this one could not. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() =>
      this.#write().catch((error: unknown) =>
        this.#parts.log.warn('What is known of statements could not be written; it is tried again.', {
          source: this.#source,
          error,
        }),
      ),
    );
    return this.#writing;
  }

  /** Ends the timer and writes the last. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel?.();
    await this.write();
  }

  async #write(): Promise<void> {
    const { clock, node, store } = this.#parts;
    const summary = this.#database.queries();
    const nowMs = clock.now();
    // The server's own reports are statements too: only what is slow, repeated or failed is news.
    const mark = [summary.slow, summary.counted, summary.failures, summary.repeated[0]?.lastAtMs].join();
    if (mark === this.#last.mark && nowMs - this.#last.atMs < SILENT_MS) return;
    const statements = summary.statements.slice(0, MAX_STATEMENTS);
    if (!this.#stopped) await this.#askPlans(statements.map(({ id }) => id));
    const plans = Object.fromEntries(
      statements.flatMap(({ id }) => {
        const known = this.#plans.get(id);
        return known === undefined ? [] : [[id, known.plan] as const];
      }),
    );
    const report: QueryReport = { ...summary, statements, plans };
    await store.save(node, this.#source, report, nowMs);
    const isWhole = statements.every(({ id }) => this.#plans.has(id));
    // What still lacks plans is written again.
    this.#last = { mark: isWhole ? mark : '', atMs: nowMs };
  }

  /** A few at a time: each asks the database. */
  async #askPlans(ids: readonly string[]): Promise<void> {
    const nowMs = this.#parts.clock.now();
    for (const id of this.#plans.keys()) if (!ids.includes(id)) this.#plans.delete(id);
    const wanted = ids.filter((id) => {
      const known = this.#plans.get(id);
      return known === undefined || nowMs - known.atMs > PLAN_LIFE_MS;
    });
    for (const id of wanted.slice(0, PLANS_EACH)) {
      // A table that is gone, a right that is missing: there is no plan then.
      const plan = await this.#database.plan(id).catch(() => undefined);
      this.#plans.set(id, { plan: plan ?? null, atMs: nowMs });
    }
  }
}
