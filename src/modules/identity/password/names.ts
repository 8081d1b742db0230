import { foldPassword } from './fold.ts';
import { countCodePoints } from './text.ts';

const MAX_NAMES = 60;
const MAX_NAME_UNITS = 320;
/** Shorter names are found in many a good password with digits. */
const SHORTEST_PADDED = 3;

/**
 * Whether a password is a name: of the product, the company, the user, the mail address or its local part. It is when it
 * equals the name without case, or consists of nothing but the name, once or again and again, with digits, punctuation
 * and spaces around it: `Ada-Lovelace-1815!` for `ada lovelace`. A name within other words is no fault (NIST SP
 * 800-63B-4, 3.1.1.2: the entire password is compared).
 */
export function isName(password: string, names: readonly string[]): boolean {
  const folded = foldPassword(password);
  return names.slice(0, MAX_NAMES).some((name) => formsOf(name).some((form) => isMadeOf(folded, form)));
}

/** A name as it stands, its local part where it is an address, and both with nothing but their letters and digits. */
function formsOf(name: string): readonly string[] {
  const whole = foldPassword(name.slice(0, MAX_NAME_UNITS)).trim();
  const at = whole.lastIndexOf('@');
  const parts = at > 0 ? [whole, whole.slice(0, at)] : [whole];
  return [...new Set(parts.flatMap((part) => [part, part.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')]))];
}

function isMadeOf(folded: string, name: string): boolean {
  if (name === '') return false;
  if (folded === name) return true;
  if (countCodePoints(name) < SHORTEST_PADDED || !/\p{L}/u.test(name)) return false;
  const parts = folded.split(name);
  return parts.length > 1 && parts.every((part) => !/[\p{L}\p{M}]/u.test(part));
}
