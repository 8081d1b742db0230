import type { SqlRunner } from '../../ports/sql.ts';
import { conditionOf, type EventFilters, type Term, termsOf } from './event-filters.ts';
import { isLed, sourceOf } from './event-source.ts';
import type { Span } from './event-spans.ts';
import { inTail, type Tail, tailOf } from './event-tail.ts';
import { searchByWords } from './event-word-search.ts';
import { firstIdAt } from './id-range.ts';
import { db, firstRow, rows } from './query.ts';
import type { EventsTable } from './tables.ts';

/** Events that one search looks at, round by round, before it answers with what it has. */
export const ROUNDS: readonly number[] = [2_000, 8_000, 20_000];
/** Events without indexes that one search looks at: the newest, in their order, and of all others at most so many. */
export const TAIL: readonly [first: number, rest: number] = [500, 60_000];
/** Bytes of rows that cannot be more events than that, or not many more: they need not be counted. */
const TAIL_BYTES = 48 * 1_048_576;
/** Events at most whose words are read one by one: it takes long, and beyond it their index knows better. */
const MAX_READ_FOR_WORDS = 500;
/** Events that the index of words leads to at most, for each that a first round looks at. */
const HITS_PER_ROUND = 2;

/** What a search found. */
export interface FoundEvents {
  /** Newest first; `limit` at most. */
  readonly rows: readonly EventsTable[];
  /**
   * Where to go on, null at the end. A page with fewer rows than asked for, or none, may have one: everything newer was
   * looked at.
   */
  readonly nextBefore: string | null;
}

/** How much is looked for, and how far at once. */
export interface SearchBounds {
  readonly limit: number;
  /** Only events older than this id. */
  readonly before?: string | undefined;
  /** Events that each round looks at; default `ROUNDS`. */
  readonly rounds?: readonly number[];
  /** Events without indexes that are looked at; default `TAIL`. */
  readonly tail?: readonly [first: number, rest: number];
}

/**
 * Looks for events, newest first, with bounded work however many there are.
 *
 * The newest have no indexes yet: they are read one by one, as long as they are not too many.
 *
 * Of all others, with one filter its index gives the newest at once. With several, the index to go by is the one whose values lie
 * sparsest among the newest events: what the 2,000th newest of each value is tells, and costs little. At most so many
 * rows are read and held against the other filters; then the next round asks again, further back. Words are looked for
 * among these first, which finds frequent ones; rare ones are taken from the index of words.
 */
export async function searchEvents(
  runner: SqlRunner,
  filters: EventFilters,
  { limit, before, rounds = ROUNDS, tail = TAIL }: SearchBounds,
): Promise<FoundEvents> {
  const terms = termsOf(filters);
  const span = spanOf(filters, before);
  const search = new Search(runner, terms, span, { want: limit + 1, rounds, tail });
  const nextBefore = await search.run();
  const found = search.found;
  if (found.length <= limit) return { rows: found, nextBefore };
  return { rows: found.slice(0, limit), nextBefore: (found[limit - 1] as EventsTable).id };
}

function spanOf({ fromMs, toMs }: EventFilters, before: string | undefined): Span {
  const end = toMs === undefined ? undefined : firstIdAt('evt', toMs);
  return {
    from: fromMs === undefined ? undefined : firstIdAt('evt', fromMs),
    below: end === undefined || (before !== undefined && before < end) ? before : end,
  };
}

class Search {
  readonly found: EventsTable[] = [];
  readonly #runner: SqlRunner;
  readonly #terms: readonly Term[];
  /** What is not looked at yet. */
  #whole: Span;
  readonly #want: number;
  readonly #rounds: readonly number[];
  readonly #tail: readonly [first: number, rest: number];

  constructor(
    runner: SqlRunner,
    terms: readonly Term[],
    span: Span,
    bounds: Required<Pick<SearchBounds, 'rounds' | 'tail'>> & { readonly want: number },
  ) {
    this.#rounds = bounds.rounds;
    this.#tail = bounds.tail;
    this.#runner = runner;
    this.#terms = terms;
    this.#whole = span;
    this.#want = bounds.want;
  }

  /** @returns the id below which nothing was looked at yet; null when everything was, or enough is found */
  async run(): Promise<string | null> {
    const [only] = this.#terms;
    if (this.#terms.length > 0) {
      const tail = await tailOf(this.#runner);
      if (tail) {
        const next = await this.#readTail(tail);
        if (next !== undefined) return next;
      }
    }
    if (this.#terms.length === 0 || (this.#terms.length === 1 && only?.index === 'newest')) {
      await this.#read(only, this.#whole, this.#want);
      return null;
    }
    const hasWords = this.#terms.some((one) => one.index === 'words');
    let span = this.#whole;
    for (const round of this.#rounds) {
      const depth = hasWords ? Math.min(round, MAX_READ_FOR_WORDS) : round;
      const { term, reach } = await this.#sparsest(span, depth);
      await this.#read(term, { ...span, from: reach ?? span.from }, depth);
      if (reach === null || this.found.length >= this.#want) return null;
      if (hasWords) return this.#goByWords(reach);
      span = { ...span, below: reach };
    }
    return span.below ?? null;
  }

  /** Reads the events without indexes. @returns what `run` does; undefined where older ones are to be looked at */
  async #readTail(tail: Tail): Promise<string | null | undefined> {
    const span = inTail(tail, this.#whole);
    if (span === undefined) return undefined;
    const [first, most] = this.#tail;
    // In their order as far as what is frequent lies, then in whichever order is cheapest.
    const near = await this.#reachOf(undefined, span, first);
    await this.#read(undefined, { ...span, from: near ?? span.from }, first);
    if (this.found.length >= this.#want) return null;
    if (near !== null) {
      const rest = { ...span, below: near };
      const isSmall = most >= TAIL[1] && tail.bytes <= TAIL_BYTES;
      const reach = isSmall ? null : await this.#reachOf(undefined, rest, most);
      await this.#read(undefined, { ...rest, from: reach ?? rest.from });
      if (this.found.length >= this.#want) return null;
      if (reach !== null) return reach;
    }
    if (tail.from === undefined || (this.#whole.from ?? '') >= tail.from) return null;
    this.#whole = { ...this.#whole, below: tail.from };
    return undefined;
  }

  /** The term whose rows lie sparsest, and the id of its `depth`th newest: null where it has fewer. */
  async #sparsest(span: Span, depth: number): Promise<{ term: Term | undefined; reach: string | null }> {
    let best: { readonly term: Term | undefined; readonly reach: string } | undefined;
    for (const term of this.#terms) {
      if (term.index === 'set' && (await this.#isFew(term, span, depth))) return { term, reach: null };
      if (term.index !== 'newest') continue;
      const reach = await this.#reachOf(term, span, depth);
      if (reach === null) return { term, reach };
      if (best === undefined || reach < best.reach) best = { term, reach };
    }
    return best ?? { term: undefined, reach: await this.#reachOf(undefined, span, depth) };
  }

  async #reachOf(term: Term | undefined, span: Span, depth: number): Promise<string | null> {
    const select = db
      .selectFrom(sourceOf(term, span, { columns: 'id', depth }).as('source'))
      .select('id')
      .orderBy('id', 'desc')
      .offset(depth - 1)
      .limit(1);
    return (await firstRow(this.#runner, select))?.id ?? null;
  }

  async #isFew(term: Term, span: Span, depth: number): Promise<boolean> {
    const select = db
      .selectFrom(sourceOf(term, span, { columns: 'id', depth }).as('source'))
      .select('id')
      .limit(depth);
    return (await rows(this.#runner, select)).length < depth;
  }

  /** Reads the newest rows of a term within a span that fit all terms. @param depth rows that are looked at; default all */
  async #read(term: Term | undefined, span: Span, depth?: number): Promise<void> {
    const source = sourceOf(term, span, { columns: '*', depth: depth ?? this.#want });
    const looked = db
      .selectFrom(source.as('source'))
      .selectAll()
      // What is led is bounded already, and would be put in order only to be held against the other filters.
      .$if(depth !== undefined && !isLed(term), (all) => all.orderBy('id', 'desc').limit(depth ?? 0));
    const others = this.#terms.filter((one) => one !== term).map(conditionOf);
    const select = db
      .selectFrom(looked.as('looked'))
      .selectAll()
      .where((eb) => eb.and(others))
      .orderBy('id', 'desc')
      .limit(this.#want - this.found.length);
    this.found.push(...(await rows(this.#runner, select)));
  }

  /** Takes what is left from the index of words. @param reach down to where was looked */
  async #goByWords(reach: string): Promise<string | null> {
    const want = this.#want - this.found.length;
    const most = HITS_PER_ROUND * (this.#rounds[0] ?? 1);
    const query = { terms: this.#terms, whole: this.#whole, reach, want, most };
    const { rows: more, below } = await searchByWords(this.#runner, query);
    this.found.push(...more);
    return below;
  }
}
