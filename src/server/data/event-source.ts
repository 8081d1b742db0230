import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { Led, Term } from './event-filters.ts';
import { type Span, within } from './event-spans.ts';
import type { EventsTable } from './tables.ts';

/** Alternatives at most of which each is led by its index: all that they may give is read and put in order. */
const MAX_LED = 4;
/** Before and behind all ids. */
const ENDS = { first: 'evt_', last: 'evt`' } as const;

/** What is taken of the rows of a term. */
export interface Taken {
  readonly columns: 'id' | '*';
  /** Rows that the caller takes, at most. */
  readonly depth: number;
}

/** Whether the index of the term is named so that no plan can go by another one. */
export function isLed(term: Term | undefined): boolean {
  return term?.led !== undefined && term.led.length <= MAX_LED;
}

/**
 * Rows of a term, in no order. Of alternatives each is a branch with an order and a bound of its own: without them the plan
 * would read and sort all that fit any of them.
 */
export function sourceOf(term: Term | undefined, span: Span, taken: Taken): RawBuilder<EventsTable> {
  const branches =
    term?.led && isLed(term) ? term.led.map((one) => ledBy(one, span, taken)) : plain(term, span, taken);
  return sql<EventsTable>`(${sql.join([...branches], sql` union all `)})`;
}

function plain(
  term: Term | undefined,
  span: Span,
  { columns, depth }: Taken,
): readonly RawBuilder<unknown>[] {
  const any = term?.any ?? [sql<SqlBool>`true`];
  const bound = any.length === 1 ? sql`` : sql`order by id desc limit ${depth}`;
  return any.map(
    (where) =>
      sql`(select ${sql.raw(columns)} from rampart.events where ${where} and ${within(span)} ${bound})`,
  );
}

/**
 * The newest of a value. Asked for as equal to it, and by id, they would also stand in the order of the key; of a value that is
 * frequent, though not among the newest, the plan would hope to meet it there soon, and walk past everything newer.
 */
function ledBy({ column, value }: Led, span: Span, { columns, depth }: Taken): RawBuilder<unknown> {
  const key = sql`(${sql.ref(column)}, id)`;
  return sql`(select ${sql.raw(columns)} from rampart.events
    where ${key} >= (${value}, ${span.from ?? ENDS.first}) and ${key} < (${value}, ${span.below ?? ENDS.last})
      and ${sql.ref(column)} is not null and ${within(span)}
    order by ${sql.ref(column)} desc, id desc limit ${depth})`;
}
