const MASK = '**** ';
/** Card numbers begin with 2 to 6 (ISO/IEC 7812-1): a time in milliseconds never looks like one. */
const CANDIDATE = /(?<![\d.])[2-6](?:[ -]?\d){12,18}(?![\d])/g;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

/** Whether the text is a card number as far as it can be told: 13 to 19 digits that pass the check of Luhn. */
export function isPan(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  return (
    digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && /^\d+$/.test(digits) && passesLuhn(digits)
  );
}

/** ISO/IEC 7812-1, annex B. @param digits nothing but digits */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}

/** The last four digits behind a mask, `**** 4242` (PCI DSS 3.4.1 allows no more here); what is shorter is masked whole. */
export function maskPan(pan: string): string {
  const digits = pan.replaceAll(/\D/g, '');
  return digits.length < MIN_DIGITS ? MASK.trim() : MASK + digits.slice(-4);
}

/** Masks every card number within a text. */
export function maskPans(text: string): string {
  // Cheap first: most texts have no such run of digits.
  if (text.length < MIN_DIGITS) return text;
  return text.replaceAll(CANDIDATE, (found) => (isPan(found) ? maskPan(found) : found));
}
