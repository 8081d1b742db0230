import type { RequestView } from '../../../../core/request.ts';
import { decodePercent } from '../forms/percent.ts';
import { mayBeBase64 } from '../forms/base64.ts';
import { gateValue } from '../gate/gate.ts';
import { COOKIES, passesEncoded, QUERY, scanPairs, toldBase64 } from './pairs.ts';
import type { ValueSink } from './sink.ts';

/** Headers that are looked at where the adapter can't list what came. */
const ASKED = [
  'user-agent',
  'referer',
  'cookie',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-original-url',
] as const;
/** Headers whose form is the protocol's, or whose value is a secret, a token or a list of types. */
const LEFT_OUT = new Set(
  `accept accept-charset accept-encoding accept-language access-control-request-headers access-control-request-method
  authorization baggage cache-control connection content-encoding content-length content-type cookie2 date dnt dpop expect
  host http2-settings if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive last-event-id max-forwards
  origin pragma priority proxy-authorization proxy-connection purpose range save-data signature signature-input te traceparent
  tracestate trailer transfer-encoding upgrade upgrade-insecure-requests via viewport-width width x-api-key x-csrf-token
  x-xsrf-token x-hub-signature x-hub-signature-256 stripe-signature forwarded x-real-ip cf-ray cf-visitor cdn-loop`.split(
    /\s+/,
  ),
);
/** Longer names of headers are not remembered. */
const MAX_NAME = 64;
const MAX_AGENTS = 2_000;

type Way = 'skip' | 'value' | 'cookie' | 'agent' | 'referer';

const SLOTS = 1_024;
/**
 * What is to be done with a header, by its name as received. A name that comes with a request was never hashed: its
 * length and three of its letters find the slot, and one comparison tells whether it is the name that was met there last.
 */
const NAMES = Array.from<string>({ length: SLOTS }).fill('');
const WAYS = Array.from<Way>({ length: SLOTS }).fill('value');

function wayOf(raw: string): Way {
  const { length } = raw;
  const ends = raw.charCodeAt(0) + 31 * raw.charCodeAt(length - 1);
  const slot = (ends + 7 * length + 61 * raw.charCodeAt(length - 2)) & (SLOTS - 1);
  if (NAMES[slot] === raw) return WAYS[slot] as Way;
  const way = wayByName(raw.toLowerCase());
  if (length <= MAX_NAME) {
    NAMES[slot] = raw;
    WAYS[slot] = way;
  }
  return way;
}

function wayByName(name: string): Way {
  if (name === 'cookie') return 'cookie';
  if (name === 'user-agent') return 'agent';
  if (name === 'referer') return 'referer';
  return LEFT_OUT.has(name) || name.startsWith('sec-') || name.startsWith(':') ? 'skip' : 'value';
}

/** Remembers that a user agent is nothing to worry about, so that it is not looked at again. */
export function rememberAgent(calm: Set<string>, agent: string): void {
  if (agent.length > 512) return;
  if (calm.size >= MAX_AGENTS) calm.clear();
  calm.add(agent);
}

/**
 * Looks at path, query, cookies and the headers that applications use.
 * @param calm user agents that did not interest any detector under the same policy
 */
export function scanHead(request: RequestView, calm: ReadonlySet<string>, sink: ValueSink): void {
  const { target } = request;
  const mark = target.indexOf('?');
  const end = mark < 0 ? target.length : mark;
  if (passesEncoded(target, 0, end)) suspectPath(decodePercent(target.slice(0, end), false), sink);
  else suspectSegments(target, end, sink);
  if (mark >= 0 && mark + 1 < target.length) scanPairs(target, mark + 1, target.length, QUERY, 'query', sink);
  const raw = request.rawHeaders?.();
  if (raw === undefined) {
    for (const name of ASKED) scanHeader(name, request.header(name), calm, sink);
    return;
  }
  for (let i = 0; i < raw.length; i += 2) scanHeader(raw[i] as string, raw[i + 1], calm, sink);
}

/** The whole path, for what climbs in it, and each segment, for what was put into one. */
function suspectPath(path: string, sink: ValueSink): void {
  sink.suspect(path, 'path', '');
  const segments = path.split('/');
  if (segments.length < 3) return;
  let asked = 0;
  for (const segment of segments) {
    if (segment.length < 3 || !gateValue(segment)) continue;
    if (++asked > 32) return;
    sink.suspect(segment, 'path', '');
  }
}

/** Segments of Base64. */
function suspectSegments(target: string, end: number, sink: ValueSink): void {
  for (let from = 1; from < end;) {
    const slash = target.indexOf('/', from);
    const to = slash < 0 || slash > end ? end : slash;
    if (mayBeBase64(target, from, to)) {
      const value = toldBase64(target.slice(from, to));
      if (value !== undefined) sink.suspect(value, 'path', '');
    }
    from = to + 1;
  }
}

function scanHeader(
  name: string,
  value: string | undefined,
  calm: ReadonlySet<string>,
  sink: ValueSink,
): void {
  if (value === undefined || value === '') return;
  switch (wayOf(name)) {
    case 'skip':
      return;
    case 'cookie':
      scanPairs(value, 0, value.length, COOKIES, 'cookie', sink);
      return;
    case 'agent':
      if (!calm.has(value)) sink.suspect(value, 'header', 'user-agent');
      return;
    case 'referer':
      scanReferer(value, sink);
      return;
    case 'value':
      scanValue(name, value, sink);
  }
}

function scanValue(name: string, value: string, sink: ValueSink): void {
  const suspicious = passesEncoded(value, 0, value.length) ? value : toldBase64(value);
  if (suspicious !== undefined) sink.suspect(suspicious, 'header', name.toLowerCase());
}

/** Of an address, path and query count; a referer that is no address is a value. */
function scanReferer(value: string, sink: ValueSink): void {
  const host = value.indexOf('://');
  if (host < 0 || host > 20) {
    if (gateValue(value)) sink.suspect(value, 'header', 'referer');
    return;
  }
  const slash = value.indexOf('/', host + 3);
  if (slash < 0) return;
  const mark = value.indexOf('?', slash);
  const end = mark < 0 ? value.length : mark;
  if (passesEncoded(value, slash, end))
    sink.suspect(decodePercent(value.slice(slash, end), false), 'header', 'referer');
  if (mark >= 0) scanPairs(value, mark + 1, value.length, QUERY, 'header', sink);
}
