import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** A telephone number that can take messages. */
export interface Phone {
  /** E.164, such as `+4915112345678`. */
  readonly number: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** Longest input that is parsed; E.164 has 15 digits. */
const MAX_CHARACTERS = 40;
/**
 * Kinds that receive messages at the usual price. Premium, shared-cost, personal and satellite numbers are what toll
 * fraud lives on; toll-free and fixed lines receive none.
 */
const TAKES_MESSAGES = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP']);

/**
 * Reads a telephone number as people write it.
 * @param defaultCountry ISO 3166-1 country of numbers without prefix
 * @returns `undefined` when it is none, or not one that takes messages
 */
export function normalizePhone(text: string, defaultCountry?: string): Phone | undefined {
  if (typeof text !== 'string' || text.length > MAX_CHARACTERS) return undefined;
  const parsed = parsePhoneNumberFromString(text.normalize('NFKC'), {
    ...(defaultCountry === undefined ? {} : { defaultCountry: defaultCountry as CountryCode }),
    extract: false,
  });
  if (!parsed?.country || parsed.ext !== undefined || !parsed.isValid()) return undefined;
  if (!TAKES_MESSAGES.has(parsed.getType() ?? '')) return undefined;
  return { number: parsed.number, country: parsed.country };
}

/**
 * Whether messages may go there.
 * @param allowed countries (`DE`) and prefixes (`+4915`); an empty list allows all
 */
export function isAllowedPhone(phone: Phone, allowed: readonly string[]): boolean {
  return (
    allowed.length === 0 ||
    allowed.some((one) => (one.startsWith('+') ? phone.number.startsWith(one) : phone.country === one))
  );
}

/** Enough to recognise one's own number, too little to learn it: `•••• 78`. */
export function phoneHint(number: string): string {
  return `•••• ${number.slice(-2)}`;
}
