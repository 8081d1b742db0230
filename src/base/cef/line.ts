import type { Severity } from '../../core/events.ts';
import type { Scalar } from '../../core/verdict.ts';
import { cefHeader, cefValue } from './escape.ts';

/** What a line is made of: an event as it is emitted, or as it is read again; null and undefined are left out. */
export interface CefEvent {
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly class?: string | null | undefined;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly node: string;
  readonly about: string;
  readonly actor?: string | null | undefined;
  readonly subject?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly route?: string | null | undefined;
  readonly decision?: string | null | undefined;
  readonly outcome?: string | null | undefined;
  readonly session?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  readonly traceId?: string | null | undefined;
  readonly details?: Readonly<Record<string, Scalar>> | null | undefined;
}

/** How a line is made. */
export interface CefOptions {
  /** Version of the product, for the header; default `1`. */
  readonly version?: string;
  /** Characters of the details, 0 (none) to 1,000,000; default 4,000, the most that the dictionary allows a custom string. */
  readonly maxDetails?: number;
}

/** From 0 to 10, as the format counts. */
const SEVERITY: Readonly<Record<Severity, number>> = { LOW: 3, MEDIUM: 6, HIGH: 8, CRITICAL: 10 };

/**
 * An event as one line of the Common Event Format (CEF:0, the implementation standard's dictionary), without a line end.
 * Texts of others cannot begin a new field, a new header or a new line. Longer ones than the dictionary allows are cut.
 */
export function cefLine(event: CefEvent, { version = '1', maxDetails = 4_000 }: CefOptions = {}): string {
  const header = ['CEF:0', 'Rampart', 'rampart', version, event.type, event.about].map((part, i) =>
    i === 0 ? part : cefHeader(part),
  );
  return `${header.join('|')}|${SEVERITY[event.severity]}|${extension(event, maxDetails)}`;
}

/** Names of the dictionary; what it has no name for goes into the custom strings, with their labels. */
function extension(event: CefEvent, maxDetails: number): string {
  const { address, details } = event;
  const isIpv6 = address?.includes(':') === true;
  const given =
    details !== null && details !== undefined && maxDetails > 0 && Object.keys(details).length > 0;
  const pairs: readonly (readonly [string, string | null | undefined, number])[] = [
    ['rt', String(Math.floor(event.atMs)), 20],
    ['externalId', event.id, 100],
    ['cat', event.class, 100],
    ['outcome', event.outcome, 63],
    ['dvchost', event.node, 100],
    ['suser', event.actor, 1_023],
    ['duser', event.subject, 1_023],
    ['src', isIpv6 ? null : address, 45],
    ['c6a2Label', isIpv6 ? 'Source IPv6 Address' : null, 40],
    ['c6a2', isIpv6 ? address : null, 45],
    ['requestClientApplication', event.userAgent, 1_023],
    ...custom('1', 'route', event.route),
    ...custom('2', 'decision', event.decision),
    ...custom('3', 'session', event.session),
    ...custom('4', 'request', event.requestId),
    ...custom('5', 'trace', event.traceId),
    ...custom('6', 'details', given ? JSON.stringify(details) : null, maxDetails),
  ];
  return pairs
    .filter(
      (pair): pair is readonly [string, string, number] => typeof pair[1] === 'string' && pair[1] !== '',
    )
    .map(([name, value, max]) => `${name}=${cefValue(value, max)}`)
    .join(' ');
}

function custom(
  number: string,
  label: string,
  value: string | null | undefined,
  max = 4_000,
): readonly (readonly [string, string | null | undefined, number])[] {
  if (value === null || value === undefined || value === '') return [];
  return [
    [`cs${number}Label`, label, 40],
    [`cs${number}`, value, max],
  ];
}
