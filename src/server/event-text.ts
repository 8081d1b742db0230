import { toJsonText } from '../base/database/json-text.ts';
import { formatAddress, parseAddress } from '../core/address.ts';
import type { RampartEvent } from '../core/events.ts';

/** How the text of an event begins: entries of a journal that earlier versions wrote begin otherwise. */
const START = '{"ip":';

/** IPv4 as it is written without choice: most addresses are, and are known at a glance. */
const PLAIN_V4 = /^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;

/**
 * An event as one line of JSON, just as the database takes it: what stands in the journal needs no second reading on its
 * way there. Before the event's own fields comes `ip`, its address as the database compares it, null where there is none.
 */
export function eventText(event: RampartEvent): string {
  const { address, atMs } = event;
  const text = toJsonText(Number.isInteger(atMs) ? event : { ...event, atMs: Math.floor(atMs) });
  return `${START}${ipText(address)},${text.slice(1)}`;
}

function ipText(address: string | undefined): string {
  if (address === undefined) return 'null';
  if (PLAIN_V4.test(address)) return `"${address}"`;
  const ip = parseAddress(address);
  return ip ? `"${formatAddress(ip)}"` : 'null';
}

/** The text of an event that stands in a journal, which an earlier version may have written. */
export function eventTextOf(entry: string): string {
  return entry.startsWith(START) ? entry : eventText(JSON.parse(entry) as RampartEvent);
}
