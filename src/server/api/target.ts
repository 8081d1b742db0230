import { formatCidr, parseCidr } from '../../core/address.ts';

/** An address or range in the one form in which it is kept; a single address without its prefix length. */
export function canonicalTarget(text: string): string | undefined {
  const range = parseCidr(text);
  if (!range) return undefined;
  const written = formatCidr(range);
  return range.bits === range.network.bytes.length * 8 ? written.slice(0, written.indexOf('/')) : written;
}

const PRINCIPAL = /^[!-~]{1,200}$/;
/** Meant to be an address: refused rather than taken for somebody's id. */
const LIKE_ADDRESS = /^[0-9a-fA-F:./]*$/;

/** An entry of the limits' lists in the one form in which it is kept: address, range or principal id. */
export function canonicalEntry(text: string): string | undefined {
  return canonicalTarget(text) ?? (PRINCIPAL.test(text) && !LIKE_ADDRESS.test(text) ? text : undefined);
}
