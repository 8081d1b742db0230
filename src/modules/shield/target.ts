import { type Cidr, formatAddress, formatCidr, parseCidr } from '../../core/address.ts';

/** What a block may be about, widest knowledge first: who calls, from where, over which network. */
export const TARGET_KINDS = ['address', 'range', 'asn', 'country', 'user', 'session', 'device'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** Kinds that need the caller's place. */
export type PlaceKind = 'asn' | 'country';
/** Kinds that need to know who calls. */
export type CallerKind = 'user' | 'session' | 'device';

/** A target that was read. `text` is its one form: two targets are the same when their texts are. */
export type BlockTarget =
  | { readonly kind: 'address' | 'range'; readonly text: string; readonly range: Cidr }
  | { readonly kind: 'asn'; readonly text: string; readonly asn: number }
  | { readonly kind: 'country'; readonly text: string; readonly country: string }
  | { readonly kind: CallerKind; readonly text: string; readonly id: string };

/** Longest text of a target, characters. */
export const MAX_TARGET_CHARACTERS = 210;
const MAX_ASN = 4_294_967_295;
const ASN = /^(?:AS)?([1-9]\d{0,9})$/;
const COUNTRY = /^[A-Za-z]{2}$/;
const ID = /^[!-~]{1,200}$/;

/**
 * Reads a target: `203.0.113.7`, `2001:db8::/64`, `asn:64500`, `country:DE`, `user:ID`, `session:ID`, `device:ID`.
 * `asn:AS64500` and small letters of a country are taken, too; ids are 1 to 200 printable ASCII characters without spaces.
 * @returns `undefined` for everything else
 */
export function parseTarget(given: string): BlockTarget | undefined {
  if (given.length > MAX_TARGET_CHARACTERS) return undefined;
  const text = given.trim();
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (text.slice(0, Math.max(0, colon))) {
    case 'asn':
      return asnTarget(rest);
    case 'country': {
      if (!COUNTRY.test(rest)) return undefined;
      const country = rest.toUpperCase();
      return { kind: 'country', text: `country:${country}`, country };
    }
    case 'user':
      return callerTarget('user', userIdOf(rest));
    case 'session':
      return callerTarget('session', rest);
    case 'device':
      return callerTarget('device', rest);
    default:
      return rangeTarget(text);
  }
}

function asnTarget(text: string): BlockTarget | undefined {
  const asn = Number(ASN.exec(text)?.[1] ?? 0);
  return asn >= 1 && asn <= MAX_ASN ? { kind: 'asn', text: `asn:${asn}`, asn } : undefined;
}

function callerTarget(kind: CallerKind, id: string): BlockTarget | undefined {
  return ID.test(id) ? { kind, text: `${kind}:${id}`, id } : undefined;
}

function rangeTarget(text: string): BlockTarget | undefined {
  const range = text.length > 64 ? undefined : parseCidr(text);
  if (range === undefined) return undefined;
  const single = range.bits === range.network.bytes.length * 8;
  return {
    kind: single ? 'address' : 'range',
    text: single ? formatAddress(range.network) : formatCidr(range),
    range,
  };
}

/** What stands behind `user:`: the principal's id, without the word where it has it already (`user:42` and `42` are one). */
export function userIdOf(principal: string): string {
  return principal.startsWith('user:') ? principal.slice(5) : principal;
}
