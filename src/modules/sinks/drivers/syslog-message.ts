import type { RampartEvent, Severity } from '../../../core/events.ts';
import { eventText, timeOf } from '../json.ts';
import type { ReadSyslogSink } from '../options.ts';

/** Severity of RFC 5424, table 2: informational, warning, error, critical. */
const SEVERITY: Readonly<Record<Severity, number>> = { LOW: 6, MEDIUM: 4, HIGH: 3, CRITICAL: 2 };
const CUT_TO = 100;

type Format = Pick<ReadSyslogSink, 'format' | 'facility' | 'appName' | 'enterprise' | 'maxBytes'>;

/**
 * An event as a message of RFC 5424, at most `maxBytes` long. What is longer loses its details first, then the rest of long
 * texts; what it was is named by its id all the same.
 */
export function syslogMessage(event: RampartEvent, format: Format, version: string): Buffer {
  let message = Buffer.alloc(0);
  for (const made of [event, withoutDetails(event), shortened(event)]) {
    message = Buffer.from(`${headerOf(made, format)} ${textOf(made, format, version)}`);
    if (message.length <= format.maxBytes) return message;
  }
  // Of a long text in a script of many bytes: the header stands whole, and a message may be empty.
  const header = Buffer.from(headerOf(shortened(event), format));
  return header.length <= format.maxBytes ? header : message.subarray(0, format.maxBytes);
}

function headerOf(event: RampartEvent, { facility, appName, enterprise }: Format): string {
  const priority = facility * 8 + SEVERITY[event.severity];
  const host = nameOf(event.node, 255);
  const head = `<${priority}>1 ${timeOf(event.atMs)} ${host} ${nameOf(appName, 48)} - ${nameOf(event.type, 32)}`;
  return `${head} ${structuredData(event, enterprise)}`;
}

/** Printable ASCII without spaces, as the header demands; `-` where nothing is left. */
function nameOf(text: string, max: number): string {
  return text.replace(/[^!-~]/g, '').slice(0, max) || '-';
}

/** What collectors filter by. Long texts are in the message. */
function structuredData(event: RampartEvent, enterprise: number): string {
  const { id, type, actor, subject, address, route, decision, outcome, session, requestId, traceId } = event;
  const who = { id, type, class: event.class, actor, subject, address, route, decision, outcome };
  const given = { ...who, session, requestId, traceId };
  const parts = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}="${paramValue(value)}"`],
  );
  return `[rampart@${enterprise} ${parts.join(' ')}]`;
}

/** `"`, `\` and `]` are escaped (RFC 5424, 6.3.3); control characters are spaces. */
export function paramValue(text: string): string {
  return text
    .slice(0, 255)
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .replace(/["\\\]]/g, '\\$&');
}

function textOf(event: RampartEvent, { format }: Format, version: string): string {
  return eventText(event, format, version);
}

function withoutDetails({ details, ...rest }: RampartEvent): RampartEvent {
  return { ...rest, details: { leftOut: details === undefined ? 0 : Object.keys(details).length } };
}

function shortened(event: RampartEvent): RampartEvent {
  const rest = Object.entries(withoutDetails(event)).map(([name, value]) => [
    name,
    typeof value === 'string' && name !== 'id' ? value.slice(0, CUT_TO).toWellFormed() : value,
  ]);
  return Object.fromEntries(rest) as RampartEvent;
}
