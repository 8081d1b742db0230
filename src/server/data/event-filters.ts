import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { formatAddress, formatCidr, parseAddress, parseCidr } from '../../core/address.ts';
import type { EventClass, EventFields, Severity } from '../../core/events.ts';
import { mayHold } from './event-word-test.ts';
import { EVENT_PART, EVENT_WORDS, type LexemeName, MAX_LEXEME_TEXT } from './event-tables.ts';

/** What events are narrowed by; everything that is given must fit. */
export interface EventFilters {
  /** Any of these; all when empty. */
  readonly types?: readonly string[];
  /** Any of these; all when empty. */
  readonly severities?: readonly Severity[];
  readonly class?: EventClass;
  readonly outcome?: NonNullable<EventFields['outcome']>;
  readonly actor?: string;
  readonly subject?: string;
  /** An address, or a range such as `203.0.113.0/24`. What is neither finds nothing. */
  readonly address?: string;
  readonly route?: string;
  readonly session?: string;
  /** Id of a request: what came as `x-request-id`, or the decision's. */
  readonly request?: string;
  readonly trace?: string;
  readonly decision?: string;
  /** Milliseconds since the epoch; inclusive. */
  readonly fromMs?: number;
  /** Milliseconds since the epoch; exclusive. */
  readonly toMs?: number;
  /** Words, all of which have to stand in the sentence, the subject or the details. */
  readonly text?: string;
  readonly resolved?: boolean;
}

/** A value in a column whose index goes by it and then by id. */
export interface Led {
  readonly column: Column | 'ip';
  readonly value: RawBuilder<unknown>;
}

/** One filter as a condition. */
export interface Term {
  /** Any of these; no row fits two of them. */
  readonly any: readonly RawBuilder<SqlBool>[];
  /** For each of these, what it is a value of; absent where its index goes by id alone. */
  readonly led?: readonly Led[];
  /** The same as one condition without what only leads to an index; absent where there is nothing of the kind. */
  readonly fits?: RawBuilder<SqlBool>;
  /**
   * What leads to its rows: `newest` an index that gives the newest first, `set` one that gives them in any order,
   * `words` the index of words, `none` no index.
   */
  readonly index: 'newest' | 'set' | 'words' | 'none';
  /** Any of these stands among the words of a row that fits; absent where none does. */
  readonly lexemes?: readonly string[];
  /** Of the index of words: what was asked for. */
  readonly words?: string;
}

/** Alternatives of one filter at most. */
const MAX_ALTERNATIVES = 60;

/** The filters as conditions; the span of time is not among them, because it is a range of ids. */
export function termsOf(filters: EventFilters): readonly Term[] {
  return [
    withLexemes('type', filters.types, anyOf('type', filters.types)),
    anyOf('severity', filters.severities),
    equal('decision', filters.decision),
    idTerm('trace', filters.trace),
    idTerm('session', filters.session),
    requestTerm(filters.request),
    withLexemes('actor', [filters.actor], equal('actor', filters.actor)),
    equal('subject', filters.subject),
    addressTerm(filters.address),
    withLexemes('route', [filters.route], equal('route', filters.route)),
    classTerm(filters.class),
    filters.outcome === undefined ? undefined : one('none', sql<SqlBool>`outcome = ${filters.outcome}`),
    resolvedTerm(filters.resolved),
    wordsTerm(filters.text),
  ].filter((term) => term !== undefined);
}

function one(index: Term['index'], where: RawBuilder<SqlBool>): Term {
  return { index, any: [where] };
}

/** The condition of a term: whether a row fits any of its alternatives. */
export function conditionOf(term: Term): RawBuilder<SqlBool> {
  if (term.fits) return term.fits;
  return sql<SqlBool>`(${sql.join([...term.any], sql` or `)})`;
}

/** The term with the lexemes of its values. The condition stays: a long value is only begun in its lexeme. */
function withLexemes(
  name: LexemeName,
  values: readonly (string | undefined)[] | undefined,
  term: Term | undefined,
): Term | undefined {
  if (term === undefined) return undefined;
  const different = [...new Set(values)].slice(0, MAX_ALTERNATIVES);
  // The database counts characters, not UTF-16 units.
  return {
    ...term,
    lexemes: different.map(
      (one) =>
        `${name} ${Array.from(one ?? '')
          .slice(0, MAX_LEXEME_TEXT)
          .join('')}`,
    ),
  };
}

function wordsTerm(text: string | undefined): Term | undefined {
  if (text === undefined) return undefined;
  const where = sql<SqlBool>`(${mayHold(text)} and ${sql.raw(EVENT_WORDS)} @@ plainto_tsquery('simple', ${text}))`;
  return { index: 'words', any: [where], words: text };
}

type Column = 'type' | 'severity' | 'decision' | 'actor' | 'subject' | 'route';

function equal(column: Column, value: string | undefined): Term | undefined {
  return value === undefined ? undefined : led(column, [sql`${value}`]);
}

function anyOf(column: Column, values: readonly string[] | undefined): Term | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const different = [...new Set(values)].slice(0, MAX_ALTERNATIVES);
  return led(
    column,
    different.map((value) => sql`${value}`),
  );
}

function led(column: Led['column'], values: readonly RawBuilder<unknown>[]): Term {
  return {
    index: 'newest',
    any: values.map((value) => sql<SqlBool>`${sql.ref(column)} = ${value}`),
    led: values.map((value) => ({ column, value })),
  };
}

function idTerm(column: 'session' | 'trace', id: string | undefined): Term | undefined {
  if (id === undefined) return undefined;
  const fits = sql<SqlBool>`${sql.ref(column)} = ${id}`;
  return { ...one('set', inAllParts(fits)), fits };
}

/** An index that begins with the part of time is asked for each of them, from the oldest event to the newest. */
function inAllParts(where: RawBuilder<unknown>): RawBuilder<SqlBool> {
  const end = (order: 'asc' | 'desc'): RawBuilder<unknown> =>
    sql`(select ${sql.raw(EVENT_PART)} from rampart.events order by id ${sql.raw(order)} limit 1)`;
  return sql<SqlBool>`(${where} and ${sql.raw(EVENT_PART)} = any(array(select generate_series(${end('asc')}, ${end('desc')}))))`;
}

function requestTerm(id: string | undefined): Term | undefined {
  if (id === undefined) return undefined;
  return {
    index: 'set',
    fits: sql<SqlBool>`(request = ${id} or decision = ${id})`,
    any: [
      inAllParts(sql`request = ${id}`),
      sql<SqlBool>`(decision = ${id} and request is distinct from ${id})`,
    ],
  };
}

function addressTerm(text: string | undefined): Term | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address) {
    const ip = formatAddress(address);
    return withLexemes('ip', [ip], led('ip', [sql`${ip}::text::inet`]));
  }
  const range = parseCidr(text);
  return range ? one('set', sql<SqlBool>`ip <<= ${formatCidr(range)}::text::inet`) : one('none', sql`false`);
}

function classTerm(kept: EventClass | undefined): Term | undefined {
  if (kept === undefined) return undefined;
  // Nearly all events are signals: for them an index would lead nowhere.
  return kept === 'audit' ? one('newest', sql`class = 'audit'`) : one('none', sql`class = 'signal'`);
}

function resolvedTerm(resolved: boolean | undefined): Term | undefined {
  if (resolved === undefined) return undefined;
  return resolved ? one('newest', sql`resolved_at_ms is not null`) : one('none', sql`resolved_at_ms is null`);
}
