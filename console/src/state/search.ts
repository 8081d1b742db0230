import type { FilterField } from '../../../src/server/api/types.ts';
import { parseEventSearch } from './event-search.ts';
import type { EventSearch } from './event-search.ts';

/** Time ranges that count back from now; the URL holds the name. */
export const RANGES = ['15m', '1h', '6h', '24h', '7d'] as const;
export type RangeName = (typeof RANGES)[number];

/** Length of each range in milliseconds. */
export const RANGE_MS: Readonly<Record<RangeName, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
};
export const RANGE_LABEL: Readonly<Record<RangeName, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
};

const FIELDS: Readonly<Record<FilterField, string>> = {
  address: 'Address',
  group: 'Address group',
  range: 'Range',
  asn: 'Network',
  country: 'Country',
  route: 'Route',
  guard: 'Guard',
  code: 'Code',
  verdict: 'Verdict',
  principal: 'Principal',
  method: 'Method',
  status: 'Status',
  userAgent: 'User agent',
  wouldRefuse: 'Would be refused by',
};
export const FILTER_FIELDS = Object.keys(FIELDS) as readonly FilterField[];

/** Name of a filter field as a reader sees it. */
export function fieldLabel(field: FilterField): string {
  return FIELDS[field];
}

/** One narrowing of the view: keep (or leave out) what has this value. */
export interface Filter {
  readonly field: FilterField;
  readonly value: string;
  readonly exclude: boolean;
}

/** Everything the address bar holds beside the path. A link is a report. */
export interface ViewSearch extends EventSearch {
  readonly range?: RangeName;
  /** Absolute span in milliseconds since the epoch, set by zooming; wins over `range`. */
  readonly from?: number;
  readonly to?: number;
  /** `field:value`, repeatable. */
  readonly filter?: readonly string[];
  readonly exclude?: readonly string[];
  /** `table` shows the numbers instead of the chart. */
  readonly view?: 'table';
  /** Tab of a page, or the policy that is open. */
  readonly tab?: string;
  /** Kind of blocks that are shown. */
  readonly kind?: string;
  /** Part of a name or address that users are searched by. */
  readonly q?: string;
  /** Users of this status. */
  readonly status?: string;
  /** Users with this role. */
  readonly role?: string;
  /** Detector or kind of event that raised what is shown. */
  readonly rule?: string;
  /** Whose alerts are shown: a name of the audit trail, or `nobody`. */
  readonly assignee?: string;
  /** Permission of the access policy that is looked at. */
  readonly permission?: string;
  /** Row that access is asked about, a `column: value` a line. */
  readonly row?: string;
  /** Column that a list is ordered by, with `-` before it from the largest down. */
  readonly sort?: string;
  /** Node whose statements are shown, and the database. */
  readonly node?: string;
  readonly source?: string;
  /** Classes left out of the chart: of traffic, or of attacks. */
  readonly hide?: readonly string[];
  /** Entry of a list that shows more than its line. */
  readonly open?: string;
  /** `paused` stops the live stream. */
  readonly live?: 'paused';
}

const LISTS = new Set(['filter', 'exclude', 'hide']);
/** Of each kind; the server takes twenty together, and pages add two of their own. */
const MAX_FILTERS = 9;
/** What the server takes of a search, in UTF-16 units. */
export const MAX_QUERY = 100;

/** Reads a query string (with or without `?`) into plain values; unknown names are kept out. */
export function parseSearch(text: string): ViewSearch {
  const params = new URLSearchParams(text);
  const from = number(params.get('from'));
  const to = number(params.get('to'));
  const range = RANGES.find((name) => name === params.get('range'));
  const span = from !== undefined && to !== undefined && to > from ? { from, to } : {};
  return {
    ...(range === undefined ? {} : { range }),
    ...span,
    ...list('filter', params.getAll('filter').filter(isFilter)),
    ...list('exclude', params.getAll('exclude').filter(isFilter)),
    ...list('hide', params.getAll('hide')),
    ...(params.get('view') === 'table' ? { view: 'table' as const } : {}),
    ...(params.get('live') === 'paused' ? { live: 'paused' as const } : {}),
    ...text1('tab', params.get('tab')),
    ...parseEventSearch(params),
    ...text1('kind', params.get('kind')),
    ...text1('q', params.get('q')?.slice(0, MAX_QUERY) ?? null),
    ...text1('status', params.get('status')),
    ...text1('role', params.get('role')),
    ...text1('sort', params.get('sort')),
    ...text1('node', params.get('node')),
    ...text1('source', params.get('source')),
    ...text1('rule', params.get('rule')),
    ...text1('assignee', params.get('assignee')),
    ...text1('permission', params.get('permission')),
    ...text1('row', params.get('row')),
    ...text1('open', params.get('open')),
  };
}

/** Writes the values back, defaults left out, in a fixed order so that equal views have equal links. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined || value === null || value === '') continue;
    if (name === 'range' && value === '1h') continue;
    if (LISTS.has(name) && Array.isArray(value)) for (const one of value) params.append(name, String(one));
    else if (typeof value === 'string' || typeof value === 'number') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** The span that a view asks for, in milliseconds since the epoch. */
export function spanOf(
  search: ViewSearch,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  if (search.from !== undefined && search.to !== undefined) return { fromMs: search.from, toMs: search.to };
  return { fromMs: nowMs - RANGE_MS[search.range ?? '1h'], toMs: nowMs };
}

/** Whether the view ends now (and can be live) or is a fixed span of the past. */
export function isMoving(search: ViewSearch): boolean {
  return search.from === undefined;
}

/** The view's filters, in the order they were added. */
export function filtersOf(search: ViewSearch): readonly Filter[] {
  return [
    ...(search.filter ?? []).map((text) => toFilter(text, false)),
    ...(search.exclude ?? []).map((text) => toFilter(text, true)),
  ];
}

/** Adds a filter; the opposite one on the same value is taken away, a second one of its kind changes nothing. */
export function withFilter(search: ViewSearch, { field, value, exclude }: Filter): ViewSearch {
  const text = `${field}:${value}`;
  const rest = withoutFilter(search, text);
  const name = exclude ? 'exclude' : 'filter';
  return { ...rest, [name]: [...(rest[name] ?? []), text].slice(-MAX_FILTERS) };
}

/** Takes a filter away, `field:value`. */
export function withoutFilter(search: ViewSearch, text: string): ViewSearch {
  const { filter, exclude, ...rest } = search;
  return {
    ...rest,
    ...list(
      'filter',
      (filter ?? []).filter((one) => one !== text),
    ),
    ...list(
      'exclude',
      (exclude ?? []).filter((one) => one !== text),
    ),
  };
}

/** `?…` for the API: the filters and whatever else is given. */
export function apiQuery(
  search: ViewSearch,
  extra: Readonly<Record<string, string | number | undefined>>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(extra)) if (value !== undefined) params.set(name, String(value));
  for (const one of search.filter ?? []) params.append('filter', one);
  for (const one of search.exclude ?? []) params.append('exclude', one);
  return `?${params.toString()}`;
}

/** Reads what a person typed into the filter box: `field:value`, `-field:value`, or a bare address or path. */
export function readFilter(typed: string): Filter | null {
  const text = typed.trim();
  const exclude = text.startsWith('-') || text.startsWith('!');
  const body = exclude ? text.slice(1).trim() : text;
  if (body === '') return null;
  const colon = body.indexOf(':');
  const name = body.slice(0, Math.max(colon, 0)).toLowerCase();
  const field = FILTER_FIELDS.find((one) => one.toLowerCase() === name);
  if (field !== undefined) {
    const value = body.slice(colon + 1).trim();
    return value === '' ? null : { field, value, exclude };
  }
  return { field: guessField(body), value: body, exclude };
}

function guessField(value: string): FilterField {
  if (/^\d{3}$/.test(value)) return 'status';
  if (/^[A-Z]{3,7} \//.test(value) || value.startsWith('/')) return 'route';
  if (/^[A-Z]{3,7}$/.test(value)) return 'method';
  if (/^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(value)) return 'code';
  if (/^[0-9.]+$/.test(value) || /^[0-9a-f:]*:[0-9a-f:]*$/i.test(value)) return 'address';
  return 'principal';
}

function isFilter(text: string): boolean {
  const colon = text.indexOf(':');
  return colon > 0 && FILTER_FIELDS.some((field) => field === text.slice(0, colon)) && text.length < 300;
}
function toFilter(text: string, exclude: boolean): Filter {
  const colon = text.indexOf(':');
  return { field: text.slice(0, colon) as FilterField, value: text.slice(colon + 1), exclude };
}
function list(name: string, values: readonly string[]): object {
  return values.length === 0 ? {} : { [name]: [...new Set(values)].slice(0, MAX_FILTERS) };
}
function text1(name: string, value: string | null): object {
  return value === null || value === '' ? {} : { [name]: value };
}
function number(text: string | null): number | undefined {
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
