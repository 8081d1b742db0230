import type { EventClass, EventFields, RampartEvent, Severity } from '../../core/events.ts';
import { filledAbout } from '../../core/own-events.ts';
import { DETECTION_TYPES } from '../../modules/detect/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { firstIdAt } from './id-range.ts';

/** How often a rule spoke. */
export interface DetectionCount {
  readonly rule: string;
  /** Within the span that was asked for. */
  readonly fired: number;
  /** Milliseconds since the epoch. */
  readonly lastMs: number;
}

const DAY_MS = 86_400_000;
/** How far back the last detection of a rule is looked for. */
const LAST_WITHIN_MS = 90 * DAY_MS;
/** Events of one page at most. */
export const MAX_EVENT_PAGE = 1_000;

/** What detectors said, and the events that they look at, oldest first. */
export class DetectionStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** How often each rule spoke since a time, and when last within 90 days; rules that did not are left out. */
  async counts(fromMs: number, nowMs: number): Promise<readonly DetectionCount[]> {
    const { rows } = await this.#sql.query(
      `SELECT details->>'rule' AS rule, count(*) FILTER (WHERE id >= $2) AS fired, max(at_ms) AS last_ms
       FROM rampart.events
       WHERE type = ANY($1) AND id >= $3 AND details->>'detection' IS NOT NULL
       GROUP BY 1`,
      [[...DETECTION_TYPES], firstIdAt('evt', fromMs), firstIdAt('evt', nowMs - LAST_WITHIN_MS)],
    );
    return rows.map((row) => ({
      rule: row['rule'] as string,
      fired: Number(row['fired']),
      lastMs: Number(row['last_ms']),
    }));
  }

  /** Detections of a span, newest first, at most 500. Times are milliseconds since the epoch. */
  async between(fromMs: number, untilMs: number): Promise<readonly RampartEvent[]> {
    const { rows } = await this.#sql.query(
      'SELECT * FROM rampart.events WHERE type = ANY($1) AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT 500',
      [[...DETECTION_TYPES], firstIdAt('evt', fromMs), firstIdAt('evt', untilMs)],
    );
    return rows.map(eventOfRow);
  }

  /** A page of events after an id, or since a time. @param limit 1 to 1,000 */
  async events(
    from: { readonly afterId: string } | { readonly sinceMs: number },
    limit: number,
  ): Promise<readonly RampartEvent[]> {
    const start = 'afterId' in from ? from.afterId : firstIdAt('evt', from.sinceMs);
    const { rows } = await this.#sql.query(
      'SELECT * FROM rampart.events WHERE id > $1 ORDER BY id LIMIT $2',
      [start, Math.min(MAX_EVENT_PAGE, Math.max(1, limit))],
    );
    return rows.map(eventOfRow);
  }
}

/** Columns of what an event need not say, by the name that it has there. */
const OPTIONAL = {
  actor: 'actor',
  subject: 'subject',
  address: 'address',
  route: 'route',
  decision: 'decision',
  outcome: 'outcome',
  session: 'session',
  userAgent: 'user_agent',
  place: 'place',
  requestId: 'request',
  traceId: 'trace',
} as const satisfies Partial<Record<keyof EventFields, string>>;

/** The event as it was emitted: what it does not say is absent, not null. */
export function eventOfRow(row: Readonly<Record<string, unknown>>): RampartEvent {
  const said = Object.entries(OPTIONAL).flatMap(([name, column]) =>
    typeof row[column] === 'string' ? [[name, row[column]]] : [],
  );
  return {
    id: row['id'] as string,
    type: row['type'] as string,
    severity: row['severity'] as Severity,
    class: row['class'] as EventClass,
    atMs: Number(row['at_ms']),
    node: row['node'] as string,
    about: filledAbout(row['about'] as string, row['details'] as NonNullable<RampartEvent['details']>),
    ...(Object.fromEntries(said) as Pick<EventFields, keyof typeof OPTIONAL>),
    details: row['details'] as NonNullable<RampartEvent['details']>,
  };
}

/** All events since a time, a page at a time as they are taken. @param page at most `MAX_EVENT_PAGE` each */
export async function* eventsSince(
  sinceMs: number,
  page: (
    from: { readonly afterId: string } | { readonly sinceMs: number },
  ) => Promise<readonly RampartEvent[]>,
): AsyncGenerator<RampartEvent, void, undefined> {
  let from: Parameters<typeof page>[0] = { sinceMs };
  for (;;) {
    const found = await page(from);
    yield* found;
    const last = found.at(-1);
    if (last === undefined) return;
    from = { afterId: last.id };
  }
}
