import type { FieldDeclaration } from './options.ts';
import type { FieldKind } from './types.ts';

/** What is known of a field that holds something suspicious. */
export type FieldVerdict = FieldKind | 'fits' | 'misfit' | undefined;

const NUMBER = /^[+-]?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?$/i;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
/** No quotes and no brackets: an address that needs them is inspected by whoever wants to take it. */
const EMAIL = /^[\p{L}\p{N}.!#$%&*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}.-]{1,255}$/u;

const QUOTED_EMAIL = /^[^\s"'`<>@]{1,64}'[^\s"`<>@]{1,64}@[\p{L}\p{N}.-]{1,255}$/u;

/** Parts of names of fields that hold secrets. */
const SECRET_PARTS = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'credential',
  'recoverycode',
  'apikey',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'csrftoken',
  'clientassertion',
  'codeverifier',
];
const SECRET_NAMES = new Set([
  'pass',
  'token',
  'pin',
  'otp',
  'signature',
  'currentpass',
  'newpass',
  'confirm',
]);
const MAX_KNOWN = 1_000;
const KNOWN = new Map<string, boolean>();

const MAX_SHOWN = 80;

/** A name as it may stand in a record. */
export function shownName(name: string): string {
  return name.slice(0, MAX_SHOWN).replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Whether a field holds a secret, by its name: `user[newPassword]`, `client_secret`. */
export function isSecretName(name: string): boolean {
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  const last = lastPart(name)
    .toLowerCase()
    .replaceAll(/[^a-z\d]/g, '');
  const secret = SECRET_NAMES.has(last) || SECRET_PARTS.some((part) => last.includes(part));
  if (KNOWN.size < MAX_KNOWN && name.length <= 100) KNOWN.set(name, secret);
  return secret;
}

/** `note` of `user.note`, `user[note]` and `items[]`. */
export function lastPart(name: string): string {
  const trimmed = name.replace(/\[\d*\]$/, '').replace(/\]$/, '');
  const at = Math.max(trimmed.lastIndexOf('.'), trimmed.lastIndexOf('['));
  return trimmed.slice(at + 1);
}

/**
 * What is known of a field that was declared, or of one whose name says that it holds a secret.
 * @param known what the schema of its route says; the options' own words come first
 */
export function judgeField(
  fields: ReadonlyMap<string, FieldDeclaration>,
  name: string,
  value: string,
  known?: FieldDeclaration,
): FieldVerdict {
  const declared =
    (fields.size === 0 ? undefined : (fields.get(name) ?? fields.get(lastPart(name)))) ?? known;
  if (declared === undefined) return name !== '' && isSecretName(name) ? 'secret' : undefined;
  switch (declared) {
    case 'html':
    case 'code':
    case 'secret':
      return declared;
    case 'text':
      return undefined;
    case 'number':
      return fits(NUMBER, value);
    case 'uuid':
      return fits(UUID, value);
    case 'date':
      return fits(DATE, value);
    case 'email':
      // O'Brien has an address, too: what stands there beside the quote is looked at.
      return QUOTED_EMAIL.test(value) ? undefined : fits(EMAIL, value);
    default:
      return declared.includes(value) ? 'fits' : 'misfit';
  }
}

function fits(pattern: RegExp, value: string): 'fits' | 'misfit' {
  return value.length <= 400 && pattern.test(value) ? 'fits' : 'misfit';
}
