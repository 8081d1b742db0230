import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { formatAddress, formatCidr, parseAddress, parseCidr } from '../../core/address.ts';
import type { EventClass, EventFields, Severity } from '../../core/events.ts';
import { EVENT_WORDS } from './event-tables.ts';

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

/** One filter as a condition. */
export interface Term {
  /** Any of these; no row fits two of them. */
  readonly any: readonly RawBuilder<SqlBool>[];
  /**
   * What leads to its rows: `newest` an index that gives the newest first, `set` one that gives them in any order,
   * `words` the index of words, `none` no index.
   */
  readonly index: 'newest' | 'set' | 'words' | 'none';
}

/** Alternatives of one filter at most. */
const MAX_ALTERNATIVES = 60;

/** The filters as conditions; the span of time is not among them, because it is a range of ids. */
export function termsOf(filters: EventFilters): readonly Term[] {
  return [
    anyOf('type', filters.types),
    anyOf('severity', filters.severities),
    equal('decision', filters.decision),
    equal('trace', filters.trace),
    equal('session', filters.session),
    requestTerm(filters.request),
    equal('actor', filters.actor),
    equal('subject', filters.subject),
    addressTerm(filters.address),
    equal('route', filters.route),
    classTerm(filters.class),
    filters.outcome === undefined ? undefined : one('none', sql<SqlBool>`outcome = ${filters.outcome}`),
    resolvedTerm(filters.resolved),
    filters.text === undefined
      ? undefined
      : one('words', sql<SqlBool>`${sql.raw(EVENT_WORDS)} @@ plainto_tsquery('simple', ${filters.text})`),
  ].filter((term) => term !== undefined);
}

function one(index: Term['index'], where: RawBuilder<SqlBool>): Term {
  return { index, any: [where] };
}

type Column = 'type' | 'severity' | 'decision' | 'trace' | 'session' | 'actor' | 'subject' | 'route';

function equal(column: Column, value: string | undefined): Term | undefined {
  return value === undefined ? undefined : one('newest', sql<SqlBool>`${sql.ref(column)} = ${value}`);
}

function anyOf(column: Column, values: readonly string[] | undefined): Term | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const different = [...new Set(values)].slice(0, MAX_ALTERNATIVES);
  return { index: 'newest', any: different.map((value) => sql<SqlBool>`${sql.ref(column)} = ${value}`) };
}

function requestTerm(id: string | undefined): Term | undefined {
  if (id === undefined) return undefined;
  return {
    index: 'newest',
    any: [sql<SqlBool>`request = ${id}`, sql<SqlBool>`(decision = ${id} and request is distinct from ${id})`],
  };
}

function addressTerm(text: string | undefined): Term | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address) return one('newest', sql<SqlBool>`ip = ${formatAddress(address)}::text::inet`);
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
