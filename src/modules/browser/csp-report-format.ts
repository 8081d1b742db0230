import { SOURCE_DIRECTIVES } from './csp.ts';

/** One violation, reduced to what may be kept: no queries, no fragments, no samples of scripts. */
export interface CspReport {
  /** A directive of the standard, or `(unknown)`. */
  readonly directive: string;
  /** Origin, scheme with its colon, or a word such as `inline`. */
  readonly blocked: string;
  /** Path of the page, at most 200 characters. */
  readonly page: string | null;
  readonly disposition: 'enforce' | 'report';
}

const DIRECTIVES: ReadonlySet<string> = new Set([
  ...SOURCE_DIRECTIVES,
  'sandbox',
  'upgrade-insecure-requests',
  'require-trusted-types-for',
  'trusted-types',
  'fenced-frame-src',
]);
const WORDS: ReadonlySet<string> = new Set([
  'inline',
  'eval',
  'wasm-eval',
  'self',
  'trusted-types-policy',
  'trusted-types-sink',
]);
const MAX_URL = 2_000;

/**
 * Reads a delivery in either form: the object `csp-report` of report-uri (CSP Level 2), or the list of the Reporting API.
 * @returns `undefined` when it is none of them
 */
export function parseCspReports(
  contentType: string | undefined,
  body: string,
  maxReports: number,
): { readonly reports: readonly CspReport[]; readonly dropped: number } | undefined {
  const essence = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (
    essence !== 'application/csp-report' &&
    essence !== 'application/reports+json' &&
    essence !== 'application/json'
  )
    return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (Array.isArray(parsed)) {
    const bodies = parsed
      .slice(0, maxReports)
      .map(bodyOf)
      .filter((one) => one !== undefined);
    return { reports: bodies, dropped: Math.max(0, parsed.length - maxReports) };
  }
  const legacy = own(parsed, 'csp-report');
  if (!isObject(legacy)) {
    const single = bodyOf(parsed);
    return single && { reports: [single], dropped: 0 };
  }
  return {
    reports: [
      reduce(
        own(legacy, 'effective-directive') ?? own(legacy, 'violated-directive'),
        own(legacy, 'blocked-uri'),
        own(legacy, 'document-uri'),
        own(legacy, 'disposition'),
      ),
    ],
    dropped: 0,
  };
}

/** One element of the Reporting API; other kinds of report are passed over. */
function bodyOf(element: unknown): CspReport | undefined {
  const body = own(element, 'body');
  if (own(element, 'type') !== 'csp-violation' || !isObject(body)) return undefined;
  return reduce(
    own(body, 'effectiveDirective'),
    own(body, 'blockedURL'),
    own(body, 'documentURL') ?? own(element, 'url'),
    own(body, 'disposition'),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own members only: `__proto__` and its like answer nothing. */
function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function reduce(directive: unknown, blocked: unknown, page: unknown, disposition: unknown): CspReport {
  const name =
    typeof directive === 'string' ? (directive.slice(0, 100).trim().split(' ', 1)[0] as string) : '';
  return {
    directive: DIRECTIVES.has(name) ? name : '(unknown)',
    blocked: blockedOf(blocked),
    page: pageOf(page),
    disposition: disposition === 'report' ? 'report' : 'enforce',
  };
}

function blockedOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') return '(none)';
  if (WORDS.has(value)) return value;
  const url = urlOf(value);
  if (!url) return /^[a-z][a-z0-9+.-]{0,30}$/.test(value) ? `${value}:` : '(unreadable)';
  // Of extensions and data only the scheme: their rest tells of the visitor, not of the page.
  return /^(?:https?|wss?):$/.test(url.protocol)
    ? `${url.protocol}//${url.host}`.slice(0, 200)
    : url.protocol.slice(0, 40);
}

function pageOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const url = urlOf(value);
  return url ? url.pathname.slice(0, 200) : null;
}

/** The URL parser escapes control characters and blanks, so that what it gives can stand in a log. */
function urlOf(text: string): URL | undefined {
  if (text.length > MAX_URL || !text.includes(':')) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
