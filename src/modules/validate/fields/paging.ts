import { OptionsError } from '../../../core/errors.ts';
import { field, misfit, NO_TEXT, type ReadyField } from './field.ts';
import { maybe, type OptionalField } from './form.ts';

/** How many rows a page has. */
export interface LimitOptions {
  /** Rows where the request names no number, 1 to `max`; default 20. */
  readonly default?: number;
  /** Rows at most, 1 to 500; default 100. */
  readonly max?: number;
}

/** `limit` and `cursor` of a list: fields of a form. */
export type CursorPaging = {
  readonly limit: ReadyField<number, number | string | undefined>;
  readonly cursor: OptionalField<string>;
};

/** `limit` and `page` of a list: fields of a form. */
export type NumberPaging = {
  readonly limit: ReadyField<number, number | string | undefined>;
  readonly page: ReadyField<number, number | string | undefined>;
};

/** As much as `cursorPage` and `offsetPage` of `rampart/database` give. */
const MAX_LIMIT = 500;
const MAX_PAGE = 10_001;
/** As `createCursors` writes them: a payload and its tag of 16 bytes, both base64url. */
const CURSOR = /^[\w-]{2,3977}\.[\w-]{22}$/;
const NO_CURSOR = misfit('CURSOR_INVALID', 'Is no cursor of a list. Begin at its first page.');

/**
 * Rows of a page: a whole number from 1 to `max`; absent, the default. Anything else is refused rather than bent to fit.
 * @throws OptionsError for a default or a bound that makes no sense
 */
export function limit(options: LimitOptions = {}): ReadyField<number, number | string | undefined> {
  const { max = 100, default: otherwise = Math.min(20, max) } = options;
  if (!isWhole(max, MAX_LIMIT)) throw new OptionsError('max', `expected 1 to ${MAX_LIMIT}`);
  if (!isWhole(otherwise, max)) throw new OptionsError('default', `expected 1 to ${max}`);
  return count(max, otherwise);
}

/** The number of a page, from 1; absent, the first. */
export function pageNumber(): ReadyField<number, number | string | undefined> {
  return count(MAX_PAGE, 1);
}

/**
 * Where a page continues: an opaque text as `cursorPage` of `rampart/database` writes it. Its form is checked here; that it
 * was signed, and for this very list, when the page is read.
 */
export function cursor(): ReadyField<string> {
  return field({ type: 'string', format: 'cursor' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    return CURSOR.test(given) ? { value: given } : NO_CURSOR;
  });
}

/** `form({ ...cursorPaging(), status: maybe(status) })` for the query of a list that `cursorPage` reads. */
export function cursorPaging(options: LimitOptions = {}): CursorPaging {
  return { limit: limit(options), cursor: maybe(cursor()) };
}

/** `form({ ...numberPaging() })` for the query of a list that `offsetPage` reads. */
export function numberPaging(options: LimitOptions = {}): NumberPaging {
  return { limit: limit(options), page: pageNumber() };
}

function count(max: number, otherwise: number): ReadyField<number, number | string | undefined> {
  const outside = misfit('RANGE', `Must be a whole number from 1 to ${max}.`);
  return field({ type: 'integer', default: otherwise }, (given) => {
    if (given === undefined) return { value: otherwise };
    // One spelling: programs on the way may disagree about 010, 1e2 or 0x10.
    const value = typeof given === 'string' && /^[1-9]\d{0,5}$/.test(given) ? Number(given) : given;
    return isWhole(value, max) ? { value } : outside;
  });
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max;
}
