import { hash, randomFillSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { OptionsError } from '../../core/errors.ts';

/** A token that has the right form; whether it was ever given out is for its hash in the database to say. */
export interface TokenText {
  /** What it was made with, such as `rk_live`. */
  readonly prefix: string;
  /** The random part: letters and digits. */
  readonly secret: string;
  /** Prefix and the first four characters of the secret: enough to recognise a token in a list, too little to use it. */
  readonly hint: string;
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = /^[a-z][a-z0-9]{0,19}(?:_[a-z0-9]{1,20}){0,3}$/;
const MIN_BYTES = 16;
const MAX_BYTES = 64;
/** 62^6 is more than 2^32. */
const CHECKSUM_LETTERS = 6;
const HINT_LETTERS = 4;
const MIN_SECRET = lettersFor(MIN_BYTES);
const MAX_SECRET = lettersFor(MAX_BYTES);
const FORM = new RegExp(
  `^([a-z][a-z0-9_]{0,82})_([0-9A-Za-z]{${MIN_SECRET},${MAX_SECRET}})([0-9A-Za-z]{${CHECKSUM_LETTERS}})$`,
);
const MAX_LENGTH = 200;

/**
 * Makes a random token that people and scanners recognise: prefix, `_`, the random part in base 62, and a CRC-32 of both
 * in six more characters. The checksum is no secret: it lets a mistyped or invented token be refused without asking the
 * database, and a leaked one be found in a text without false alarms. Keep `tokenHash()` of it, never the token.
 * @param prefix kind and environment, such as `rk_live`: small letters, digits and single underscores
 * @param bytes how many random bytes: 16 to 64; 32 (256 bits) when absent
 * @throws OptionsError on another prefix or size
 */
export function makeToken(prefix: string, bytes = 32): string {
  if (!PREFIX.test(prefix)) throw new OptionsError('prefix', `'${prefix}' is not a prefix such as rk_live`);
  if (!Number.isInteger(bytes) || bytes < MIN_BYTES || bytes > MAX_BYTES)
    throw new OptionsError('bytes', `expected ${MIN_BYTES} to ${MAX_BYTES}`);
  const random = randomFillSync(Buffer.allocUnsafeSlow(bytes));
  const body = `${prefix}_${base62(BigInt(`0x${random.toString('hex')}`), lettersFor(bytes))}`;
  return body + checksumOf(body);
}

/** Reads a token's form. @returns undefined for whatever `makeToken()` did not make; touches no database */
export function readToken(text: string): TokenText | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, prefix, secret, checksum] = FORM.exec(text) ?? [];
  if (prefix === undefined || secret === undefined || !PREFIX.test(prefix)) return undefined;
  if (checksumOf(`${prefix}_${secret}`) !== checksum) return undefined;
  return { prefix, secret, hint: `${prefix}_${secret.slice(0, HINT_LETTERS)}` };
}

/**
 * SHA-256 of a token as base64url (43 characters), for the database. No salt and no stretching: at least 128 random bits
 * can't be guessed, and the hash is what the row is looked up by.
 */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url');
}

function checksumOf(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LETTERS);
}

function lettersFor(bytes: number): number {
  return Math.ceil((bytes * 8) / Math.log2(62));
}

function base62(value: bigint, letters: number): string {
  let text = '';
  for (let rest = value; text.length < letters; rest /= 62n)
    text = (DIGITS[Number(rest % 62n)] as string) + text;
  return text;
}
