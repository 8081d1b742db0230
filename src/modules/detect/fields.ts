import { clientGroup, parseAddress } from '../../core/address.ts';
import type { RampartEvent } from '../../core/events.ts';
import type { Scalar } from '../../core/verdict.ts';

/** What rules may ask of an event, beside `details.NAME`. */
export const FIELDS = [
  'type',
  'severity',
  'class',
  'node',
  'outcome',
  'route',
  'actor',
  'subject',
  'session',
  'device',
  'address',
  'network',
  'country',
  'asn',
  'account',
  'target',
] as const;

/** A field of an event. `network` is the address, or its /64; `account` and `target` are explained in the README. */
export type EventField = (typeof FIELDS)[number] | `details.${string}`;

/** Where an address is; what is not known is left out. */
export interface Place {
  readonly country?: string | undefined;
  readonly asn?: number | string | undefined;
}

/** Asked for events that do not say it themselves. Must not throw. */
export type PlaceOf = (address: string) => Place | undefined;

const DETAIL = 'details.';
const MAX_TEXT = 200;

/** Whether a text names a field. */
export function isField(text: string): text is EventField {
  return (FIELDS as readonly string[]).includes(text) || /^details\.[\w-]{1,60}$/.test(text);
}

/**
 * Reads a field of an event.
 * @returns `undefined` where the event does not say; texts are cut at 200 characters
 */
export function fieldOf(event: RampartEvent, field: EventField, placeOf?: PlaceOf): Scalar | undefined {
  const value = field.startsWith(DETAIL)
    ? own(event.details, field.slice(DETAIL.length))
    : DERIVED[field] === undefined
      ? said(event, field)
      : DERIVED[field](event, placeOf);
  if (value === null || value === '') return undefined;
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : value;
}

type Derived = (event: RampartEvent, placeOf: PlaceOf | undefined) => Scalar | undefined;

const DERIVED: Readonly<Record<string, Derived>> = {
  network({ address }) {
    const parsed = address === undefined ? undefined : parseAddress(address);
    return parsed && clientGroup(parsed);
  },
  country: (event, placeOf) => said(event, 'country') ?? place(event, placeOf)?.country,
  asn: (event, placeOf) => said(event, 'asn') ?? place(event, placeOf)?.asn,
  // Failed sign-ins of nobody have no subject; a pseudonym, where there is one, keeps them apart all the same.
  account: (event) => event.subject ?? own(event.details, 'account'),
  target: (event) => event.subject ?? event.route,
};

/** A member of the event itself, else of its details: both are words of the one who told it. */
function said(event: RampartEvent, field: string): Scalar | undefined {
  return own(event, field) ?? own(event.details, field);
}

function own(object: object | undefined, key: string): Scalar | undefined {
  if (object === undefined || !Object.hasOwn(object, key)) return undefined;
  const value = (object as Record<string, unknown>)[key];
  return typeof value === 'object' ? undefined : (value as Scalar);
}

function place({ address }: RampartEvent, placeOf: PlaceOf | undefined): Place | undefined {
  return address === undefined ? undefined : placeOf?.(address);
}
