import { domainToASCII } from 'node:url';

const MAX_UNITS = 254;
const MAX_LOCAL_BYTES = 64;
/** What ends an address, begins another one, or is no part of one: separators of RFC 5322, spaces, controls. */
const REFUSED = /[\s\p{C}()<>[\]:;,"\\@]/u;

/**
 * Whether a text is exactly one mail address (RFC 5321 with the UTF-8 of RFC 6531) as a person has one: no list, no group, no
 * display name, no comment, no quoted local part, no address literal, no line break.
 */
export function isMailAddress(text: string): boolean {
  if (text.length > MAX_UNITS || !text.isWellFormed()) return false;
  const at = text.lastIndexOf('@');
  return at > 0 && isLocalPart(text.slice(0, at)) && isDomain(text.slice(at + 1));
}

function isLocalPart(local: string): boolean {
  if (REFUSED.test(local) || Buffer.byteLength(local) > MAX_LOCAL_BYTES) return false;
  return local.split('.').every((part) => part !== '');
}

function isDomain(domain: string): boolean {
  if (domain === '' || REFUSED.test(domain) || /[/?#%]/.test(domain)) return false;
  const ascii = domainToASCII(domain);
  return ascii.length <= 253 && ascii.split('.').every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label));
}
