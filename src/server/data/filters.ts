import { type Expression, type ExpressionBuilder, sql, type SqlBool } from 'kysely';
import { formatAddress, formatCidr, parseAddress, parseCidr } from '../../core/address.ts';
import { ValidationError } from '../../core/errors.ts';
import type { FilterField } from '../api/types.ts';
import type { Tables } from './tables.ts';

/** One `field:value` of a query. */
export interface Filter {
  readonly field: FilterField;
  /** Empty for "none", where a field may be none. */
  readonly value: string;
}

/** What a query keeps and leaves out. Values of one field are alternatives; fields must all fit. */
export interface Filters {
  readonly keep: readonly Filter[];
  readonly exclude: readonly Filter[];
}

/** No filter at all. */
export const NO_FILTERS: Filters = { keep: [], exclude: [] };

/** Filters and exclusions together at most. */
export const MAX_FILTERS = 20;
const MAX_VALUE_CHARACTERS = 300;

type Builder = ExpressionBuilder<Tables, 'rampart.decisions'>;
type Match = (eb: Builder, value: string) => Expression<SqlBool>;

type Plain =
  'route' | 'guard' | 'code' | 'verdict' | 'principal' | 'method' | 'user_agent' | 'client_group' | 'country';

const plain =
  (column: Plain) =>
  (eb: Builder, value: string): Expression<SqlBool> =>
    value === '' ? eb(column, 'is', null) : eb(column, '=', value as never);

/** One entry per field: how its value is compared. Nothing else enumerates them. */
const MATCHES: Readonly<Record<FilterField, Match>> = {
  address(eb, value) {
    const ip = parseAddress(value);
    return ip ? eb('ip', '=', sql<string>`${formatAddress(ip)}::text::inet`) : eb('address', '=', value);
  },
  group: plain('client_group'),
  range(_eb, value) {
    const range = parseCidr(value);
    return range ? sql<SqlBool>`ip <<= ${formatCidr(range)}::text::inet` : sql<SqlBool>`false`;
  },
  asn: (eb, value) => (value === '' ? eb('asn', 'is', null) : eb('asn', '=', Number(value))),
  country: plain('country'),
  route: plain('route'),
  guard: plain('guard'),
  code: plain('code'),
  verdict: plain('verdict'),
  principal: plain('principal'),
  method: plain('method'),
  userAgent: plain('user_agent'),
  status: (eb, value) => eb('status', '=', Number(value)),
  wouldRefuse: (_eb, value) =>
    value === 'any' || value === ''
      ? sql<SqlBool>`would_refuse <> '[]'::jsonb`
      : sql<SqlBool>`(would_refuse <> '[]'::jsonb and would_refuse @> jsonb_build_array(${value}::text))`,
};

/** Names of the fields that may be filtered. */
export const FILTER_FIELDS = Object.keys(MATCHES) as readonly FilterField[];

/**
 * Reads `field:value` texts.
 * @throws ValidationError on an unknown field, too many filters or an over-long value
 */
export function readFilters(keep: readonly string[], exclude: readonly string[]): Filters {
  if (keep.length + exclude.length > MAX_FILTERS) {
    throw invalid('filter', 'TOO_MANY', `At most ${MAX_FILTERS} filters are taken.`);
  }
  return {
    keep: keep.map((text, i) => readFilter(text, `filter[${i}]`)),
    exclude: exclude.map((text, i) => readFilter(text, `exclude[${i}]`)),
  };
}

function readFilter(text: string, at: string): Filter {
  const colon = text.indexOf(':');
  const field = text.slice(0, Math.max(0, colon));
  if (!Object.hasOwn(MATCHES, field)) {
    throw invalid(at, 'UNKNOWN_FIELD', `Write field:value with one of ${FILTER_FIELDS.join(', ')}.`);
  }
  const value = text.slice(colon + 1);
  if (value.length > MAX_VALUE_CHARACTERS) throw invalid(at, 'TOO_LONG', 'The value is too long.');
  if (field === 'status' && !/^\d{1,3}$/.test(value)) {
    throw invalid(at, 'INVALID', 'A status is a number of up to three digits.');
  }
  if (field === 'asn' && !/^\d{0,10}$/.test(value)) {
    throw invalid(at, 'INVALID', 'A network is named by its number, such as 64500.');
  }
  if (field === 'range' && parseCidr(value) === undefined) {
    throw invalid(at, 'INVALID', 'A range is written as 203.0.113.0/24.');
  }
  return { field: field as FilterField, value: value };
}

function invalid(field: string, code: string, message: string): ValidationError {
  return new ValidationError('The filter is not valid.', { details: [{ field, code, message }] });
}

/** The condition that filters make; true when there are none. */
export function condition(eb: Builder, filters: Filters): Expression<SqlBool> {
  const byField = new Map<FilterField, Expression<SqlBool>[]>();
  for (const filter of filters.keep) {
    const alternatives = byField.get(filter.field) ?? [];
    alternatives.push(MATCHES[filter.field](eb, filter.value));
    byField.set(filter.field, alternatives);
  }
  const all: Expression<SqlBool>[] = [...byField.values()].map((alternatives) => eb.or(alternatives));
  for (const filter of filters.exclude) {
    // A comparison with null is neither true nor false; such a row is not what was excluded.
    all.push(sql<SqlBool>`(${MATCHES[filter.field](eb, filter.value)}) is not true`);
  }
  return eb.and(all);
}

/** Fields for whose values an index stands; few records fit one of them. */
const INDEXED: ReadonlySet<FilterField> = new Set(['address', 'group', 'range', 'principal', 'guard']);

/** Whether an index leads to what the filters keep. */
export function usesIndex(filters: Filters): boolean {
  return filters.keep.some(({ field, value }) => INDEXED.has(field) && value !== '');
}

/** Whether there is nothing to filter. */
export function isUnfiltered(filters: Filters): boolean {
  return filters.keep.length === 0 && filters.exclude.length === 0;
}
