import { cefLine } from '../../base/cef/index.ts';
import { ocsfEvent } from '../../base/ocsf/index.ts';
import type { RampartEvent } from '../../core/events.ts';
import type { SinkFormat } from './options.ts';

/** What JSON leaves as it is and terminals or lines do not: DEL, C1 controls, line separators, marks of direction. */
const RAW = /[\x7F-\x9F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** An event as others get it: as it was emitted, with its time also as ISO 8601. */
export function eventData(event: RampartEvent): Readonly<Record<string, unknown>> {
  return { time: timeOf(event.atMs), ...event };
}

/** An event as one line. @param version of the product */
export function eventText(event: RampartEvent, format: SinkFormat, version: string): string {
  if (format === 'cef') return cefLine(event, { version });
  return lineJson(format === 'ocsf' ? ocsfEvent(event, version) : eventData(event));
}

/** JSON on one line, without anything that a terminal or a reader of lines would act on. */
export function lineJson(value: unknown): string {
  return JSON.stringify(value).replace(
    RAW,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** ISO 8601 with milliseconds; of a time that is none the epoch. */
export function timeOf(atMs: number): string {
  const date = new Date(Math.floor(atMs));
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
