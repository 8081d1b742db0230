import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { field, NO_TEXT, type ReadyField, misfit } from './field.ts';

/** How telephone numbers are read. */
export interface PhoneOptions {
  /** The country of numbers that are written without theirs, such as `SA`; absent: only `+…` is taken. */
  readonly country?: CountryCode;
  /** Countries whose numbers are taken; default all. */
  readonly countries?: readonly CountryCode[];
  /** Take numbers of mobile telephones alone; default false. */
  readonly mobile?: boolean;
}

const INVALID = misfit('PHONE_INVALID', 'Must be a telephone number with its country.');
const NOT_ALLOWED = misfit('PHONE_NOT_ALLOWED', 'Numbers of this country are not taken.');
const MAX_LENGTH = 40;
/** Digits as they are typed in Arabic and Persian. */
const EASTERN = /[\u0660-\u0669\u06f0-\u06f9]/g;

/** A telephone number of any country; gives it as E.164: `+966501234567`. */
export function phone(options: PhoneOptions = {}): ReadyField<string> {
  return field({ type: 'string', format: 'phone' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    const text = given.replace(EASTERN, (digit) => String(digit.charCodeAt(0) & 15)).trim();
    if (text.length > MAX_LENGTH || !/^\+?[\d\s().-]+$/.test(text)) return INVALID;
    const number = parsePhoneNumberFromString(text, {
      ...(options.country === undefined ? {} : { defaultCountry: options.country }),
      extract: false,
    });
    if (number === undefined || !number.isValid()) return INVALID;
    const type = number.getType();
    if (options.mobile && type !== 'MOBILE' && type !== 'FIXED_LINE_OR_MOBILE') return INVALID;
    const allowed =
      options.countries === undefined || (number.country && options.countries.includes(number.country));
    return allowed ? { value: number.number } : NOT_ALLOWED;
  });
}

/** A mobile number of Saudi Arabia, written `05xxxxxxxx` or `+9665xxxxxxxx`. */
export function saudiPhone(): ReadyField<string> {
  return phone({ country: 'SA', countries: ['SA'], mobile: true });
}
