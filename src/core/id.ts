import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const POOL_BYTES = 4096;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** Takes `count` bytes from a pool of CSPRNG output; refilled in one system call. */
function take(count: number): number {
  if (used + count > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += count;
  return at;
}

/**
 * A time-ordered, unguessable id: prefix, then 26 characters of Crockford base 32 (48 bits of time, 80 random bits,
 * the layout of a ULID).
 */
export function newId(prefix: string, nowMs: number): string {
  let time = '';
  for (let rest = Math.floor(nowMs), i = 0; i < 10; i++) {
    time = (ALPHABET[rest % 32] as string) + time;
    rest = Math.floor(rest / 32);
  }
  const at = take(16);
  let random = '';
  for (let i = 0; i < 16; i++) random += ALPHABET[(pool[at + i] as number) & 31];
  return `${prefix}_${time}${random}`;
}

/** `bytes` random bytes (default 32, 256 bits) as base64url: a secret for links, tokens and keys. */
export function newSecret(bytes = 32): string {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  randomFillSync(buffer);
  return buffer.toString('base64url');
}

/** A CSP nonce: 128 random bits, base64. */
export function newNonce(): string {
  const at = take(16);
  return pool.toString('base64', at, at + 16);
}

/** Whether the text has the form of an id that `newId(prefix)` gives. */
export function isId(prefix: string, text: string): boolean {
  return (
    text.length === prefix.length + 27 &&
    text.startsWith(`${prefix}_`) &&
    /^[0-9a-hjkmnp-tv-z]{26}$/.test(text.slice(-26))
  );
}

/** Milliseconds since the epoch at which an id was made. */
export function idTimeMs(id: string): number {
  let ms = 0;
  for (const letter of id.slice(-26, -16)) ms = ms * 32 + ALPHABET.indexOf(letter);
  return ms;
}
