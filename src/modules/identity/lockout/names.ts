import { createHmac, hkdfSync } from 'node:crypto';
import { domainToASCII } from 'node:url';

/** Longest mail address (RFC 5321 §4.5.3.1.3, with its angle brackets taken off). */
const MAX_EMAIL = 254;
/** What is looked at before anything is done with it. */
const MAX_GIVEN = 1_024;
/** Takes no room and changes nothing that a person sees (UAX #44), and control characters. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;

/**
 * What makes a mail address unique: surrounding space gone, NFKC, lower case, the domain in ASCII (IDNA) and without its
 * trailing dot. At most 254 characters; what is not an address comes back bounded, so that it can still be counted.
 */
export function emailKey(email: string): string {
  const plain = folded(email.slice(0, MAX_GIVEN));
  const at = plain.lastIndexOf('@');
  if (at < 0) return plain.slice(0, MAX_EMAIL);
  return `${plain.slice(0, at)}@${asciiDomain(plain.slice(at + 1))}`.slice(0, MAX_EMAIL);
}

/** NFKC may bring forth capitals and lower case may undo NFKC: normal form comes last. */
function folded(text: string): string {
  return text.toWellFormed().normalize('NFKC').toLowerCase().normalize('NFKC').trim();
}

function asciiDomain(domain: string): string {
  const bare = domain.replaceAll('\u3002', '.').replace(/[\s.]+$/, '');
  // What IDNA refuses stays as it is: it must not become the empty domain of all that is refused.
  return (domainToASCII(bare) || bare).replace(/[\s.]+$/, '');
}

/** The name by which attempts on an account are counted: coarser than what makes it unique (no plus tag, nothing invisible). */
function countingName(email: string): string {
  const key = emailKey(email.slice(0, MAX_GIVEN).replace(INVISIBLE, ''));
  const at = key.lastIndexOf('@');
  if (at < 0) return key;
  const local = key.slice(0, at).trimEnd().replace(/\.+$/, '');
  const plus = local.indexOf('+');
  return `${plus > 0 ? local.slice(0, plus) : local}@${key.slice(at + 1)}`;
}

/** A key of a single purpose (HKDF-SHA-256, RFC 5869). */
export function purposeKey(secret: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `rampart identity ${purpose}`, 32));
}

/**
 * Makes `accountKey`: the name under which attempts on an account are counted, the same for every way of writing its
 * address, and telling nobody which address it is.
 * @param secret `IdentityPorts.secret`
 * @returns 43 characters of base64url
 */
export function accountKeys(secret: Uint8Array): (email: string) => string {
  const key = purposeKey(secret, 'account key');
  return (email) => createHmac('sha256', key).update(countingName(email)).digest('base64url');
}
