import type { ViewSearch } from './search.ts';

/** What events can be narrowed by. The names are those of the API, in the address bar too. */
export const EVENT_FIELDS = [
  'type',
  'severity',
  'class',
  'outcome',
  'resolved',
  'actor',
  'subject',
  'address',
  'route',
  'session',
  'request',
  'trace',
  'decision',
  'text',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

/** Part of the view in the address bar that tells which events are looked at; lists are written with commas. */
export type EventSearch = { readonly [field in EventField]?: string } & {
  /** How far back; absent: as far as events are kept. */
  readonly since?: string;
};

/** One narrowing of the list. */
export interface EventFilter {
  readonly field: EventField;
  readonly value: string;
}

/** How a field is called, and what belongs in it. */
export const EVENT_FIELD_WORDS: Readonly<Record<EventField, readonly [label: string, example: string]>> = {
  type: ['Type', 'SIGN_IN_FAILED'],
  severity: ['Severity', 'HIGH'],
  class: ['Class', 'audit'],
  outcome: ['Outcome', 'refused'],
  resolved: ['Resolved', 'false'],
  actor: ['Actor', 'user:acc_…'],
  subject: ['Subject', 'user:acc_…'],
  address: ['Address', '203.0.113.7 or 203.0.113.0/24'],
  route: ['Route', 'POST /auth/sign-in'],
  session: ['Session', 'ses_…'],
  request: ['Request', 'id of a request'],
  trace: ['Trace', '4bf92f3577b34da6a3ce929d0e0e4736'],
  decision: ['Decision', 'dec_…'],
  text: ['Text', 'words of what is said'],
};

/** Values that a field can have, where they are few. */
export const EVENT_CHOICES = {
  severity: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'],
  class: ['audit', 'signal'],
  outcome: ['success', 'failure', 'refused'],
  resolved: ['false', 'true'],
} as const;

/** Spans that count back from now, by their name in the address bar. */
export const SINCE_MS: Readonly<Record<string, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};

const LISTS: ReadonlySet<EventField> = new Set(['type', 'severity']);
/** Of a list, as many as the server takes. */
const MAX_LIST = 20;
const MAX_VALUE = 200;
/** Words that the server searches by are at least this long. */
const MIN_TEXT = 2;

/** The fields of an address, read: values that a field cannot have are kept out. */
export function parseEventSearch(params: URLSearchParams): EventSearch {
  const found: Record<string, string> = {};
  for (const field of EVENT_FIELDS) {
    // Links of other pages may repeat a name, as the API does.
    const values = LISTS.has(field) ? splitList(params.getAll(field).join(',')) : [params.get(field) ?? ''];
    const kept = values.filter((value) => isValue(field, value)).slice(0, MAX_LIST);
    if (kept.length > 0) found[field] = kept.join(',');
  }
  const since = params.get('since');
  if (since !== null && since in SINCE_MS) found['since'] = since;
  return found;
}

/** The filters of a view, in the order of the fields; one for each value of a list. */
export function eventFiltersOf(search: EventSearch): readonly EventFilter[] {
  return EVENT_FIELDS.flatMap((field) => valuesOf(search, field).map((value) => ({ field, value })));
}

/** The values that a view keeps of a field. */
export function valuesOf(search: EventSearch, field: EventField): readonly string[] {
  const text = search[field];
  if (text === undefined) return [];
  return LISTS.has(field) ? splitList(text) : [text];
}

/** Adds a filter: to the others of a list, in place of the one of another field. */
export function withEvent(search: ViewSearch, { field, value }: EventFilter): ViewSearch {
  if (!isValue(field, value)) return search;
  const values = LISTS.has(field) ? [...new Set([...valuesOf(search, field), value])] : [value];
  return { ...search, [field]: values.slice(0, MAX_LIST).join(',') };
}

/** Takes a filter away. */
export function withoutEvent(search: ViewSearch, { field, value }: EventFilter): ViewSearch {
  const left = valuesOf(search, field).filter((one) => one !== value);
  const { [field]: _, ...rest } = search;
  return left.length === 0 ? rest : { ...rest, [field]: left.join(',') };
}

/** Sets all values of a field at once; an empty list takes them away. */
export function settingEvent(search: ViewSearch, field: EventField, values: readonly string[]): ViewSearch {
  const { [field]: _, ...rest } = search;
  return values.reduce<ViewSearch>((next, value) => withEvent(next, { field, value }), rest);
}

/** Takes every filter away; the time stays. */
export function withoutEvents(search: ViewSearch): ViewSearch {
  const kept = Object.entries(search).filter(([name]) => !EVENT_FIELDS.some((field) => field === name));
  return Object.fromEntries(kept) as ViewSearch;
}

/** How far back a view reaches, by name; null for a fixed span or all that is kept. */
export function sinceOf({ since, range, from }: ViewSearch): string | null {
  if (from !== undefined) return null;
  return since !== undefined && since in SINCE_MS ? since : (range ?? null);
}

/** What the API is asked: the filters as they are named there, and the span. */
export function eventParams(search: ViewSearch, nowMs: number): URLSearchParams {
  const params = new URLSearchParams();
  for (const { field, value } of eventFiltersOf(search)) params.append(field, value);
  const since = sinceOf(search);
  if (search.from !== undefined && search.to !== undefined) {
    params.set('from', String(search.from));
    params.set('to', String(search.to));
  } else if (since !== null) params.set('from', String(nowMs - (SINCE_MS[since] ?? 0)));
  return params;
}

/** The part of a view that the list of events depends on, for the key of a query. */
export function eventScope(search: ViewSearch): object {
  return { filters: eventFiltersOf(search), since: sinceOf(search), from: search.from, to: search.to };
}

/** A call of the API that gives the same events, for a terminal. The key is left to whoever runs it. */
export function curlOf(origin: string, path: string, params: URLSearchParams): string {
  const url = `${origin}${path}${params.size === 0 ? '' : `?${params.toString()}`}`;
  return `curl -sS -H "authorization: Bearer $RAMPART_OPERATOR_KEY" '${url.replaceAll("'", '%27')}'`;
}

const ALIASES: Readonly<Record<string, EventField>> = {
  user: 'actor',
  who: 'actor',
  ip: 'address',
  about: 'subject',
  req: 'request',
  traceid: 'trace',
  requestid: 'request',
  dec: 'decision',
  q: 'text',
};
const SEVERITY_WORD = /^(low|medium|high|critical)$/i;

/** Reads what a person typed: `field:value`, or a value whose field can be told; null where nothing can be looked for. */
export function readEventFilter(typed: string): EventFilter | null {
  const text = typed.trim();
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0)).toLowerCase();
  const field = EVENT_FIELDS.find((one) => one === name) ?? ALIASES[name];
  const filter =
    field === undefined
      ? { field: guess(text), value: text }
      : { field, value: text.slice(colon + 1).trim() };
  const value = shaped(filter);
  return isValue(filter.field, value) ? { field: filter.field, value } : null;
}

/** Values that are written in one way alone. */
function shaped({ field, value }: EventFilter): string {
  if (field === 'type' || field === 'severity') return value.toUpperCase();
  if (field === 'class' || field === 'outcome') return value.toLowerCase();
  return field === 'resolved' ? (/^(yes|true)$/i.test(value) ? 'true' : 'false') : value;
}

function guess(value: string): EventField {
  if (SEVERITY_WORD.test(value)) return 'severity';
  if (/^dec_\w+$/.test(value)) return 'decision';
  if (/^ses_\w+$/.test(value)) return 'session';
  if (/^[0-9a-f]{32}$/.test(value)) return 'trace';
  if (/^(user:)?acc_\w+$/.test(value) || /^[^\s@]+@[^\s@]+$/.test(value)) return 'actor';
  if (/^[A-Z]{3,7} \//.test(value)) return 'route';
  if (/^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(value) || /^[a-z]+(_[a-z]+)+$/.test(value)) return 'type';
  if (/^\d{1,3}(\.\d{1,3}){3}(\/\d+)?$/.test(value) || /^(?=.*:.*:)[0-9a-f:.]+(\/\d+)?$/i.test(value))
    return 'address';
  return 'text';
}

function isValue(field: EventField, value: string): boolean {
  if (value === '' || value.length > MAX_VALUE) return false;
  if (field === 'type') return /^[A-Z][A-Z0-9_]{0,99}$/.test(value);
  if (field === 'text') return value.trim().length >= MIN_TEXT;
  if (field in EVENT_CHOICES)
    return EVENT_CHOICES[field as keyof typeof EVENT_CHOICES].some((one) => one === value);
  return true;
}

function splitList(text: string): readonly string[] {
  return [...new Set(text.split(','))].filter((value) => value !== '');
}
