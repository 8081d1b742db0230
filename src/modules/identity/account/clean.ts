import { invalidField } from '../errors.ts';

const MAX_NAME = 80;
const MAX_EMAIL = 254;
const LOCALES = ['en', 'ar'] as const;

/**
 * A person's name as it may be kept and stand in a mail: one line, no control or invisible formatting characters
 * (which could turn the text around it), at most 80 code points.
 */
export function cleanName(name: string | undefined): string {
  const line = (name ?? '')
    .slice(0, 400)
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\p{Cs}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, '')
    .trim();
  return Array.from(line).slice(0, MAX_NAME).join('').trim();
}

/** `en` or `ar`; what is neither is the house's own language. */
export function cleanLocale(locale: string | undefined, fallback: string): string {
  const language = locale?.slice(0, 35).toLowerCase().split(/[-_]/)[0];
  return LOCALES.find((known) => known === language) ?? fallback;
}

/** Whether the text has the form of one mail address; whether it is somebody's only a mail can tell. */
export function isEmail(text: string): boolean {
  return (
    text.length <= MAX_EMAIL &&
    /^[^\s@,;:<>()[\]\\"\p{Cc}]{1,64}@[^\s@,;:<>()[\]\\"\p{Cc}]{1,253}$/u.test(text)
  );
}

/** A mail address without what surrounds it. @throws ValidationError when it is none */
export function cleanEmail(email: string): string {
  const text = email.slice(0, MAX_EMAIL + 50).trim();
  if (!isEmail(text)) throw invalidField('email', 'email', 'This is not a mail address.');
  return text;
}
