import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ValidationError } from '../../core/errors.ts';

/** Writes and reads the places at which pages continue. */
export interface Cursors {
  /** @param query what the cursor is good for: anything that JSON can hold */
  write(query: unknown, values: readonly string[]): string;
  /** @throws ValidationError (400) on a cursor that was not written here for this query */
  read(query: unknown, cursor: string): readonly string[];
}

const TAG_BYTES = 16;
const MAX_CHARACTERS = 4_000;

/**
 * Cursors signed by HMAC-SHA-256 (RFC 2104) and bound to their query: one of another query, filter or order is refused
 * as one that was changed. A cursor shows where its page ended to whoever has it, which the page showed too.
 * @param secret at least 32 bytes, the same on every node
 */
export function createCursors(secret: Uint8Array): Cursors {
  if (secret.byteLength < 32) throw new TypeError('secret: at least 32 bytes');
  // A key of its own: what else the secret signs can never be taken for a cursor.
  const key = createHmac('sha256', secret).update('rampart cursor 1').digest();
  const tagOf = (query: unknown, payload: string): Buffer =>
    createHmac('sha256', key)
      .update(createHash('sha256').update(JSON.stringify(query)).digest())
      .update(payload)
      .digest()
      .subarray(0, TAG_BYTES);
  return {
    write(query, values) {
      const payload = Buffer.from(JSON.stringify(values)).toString('base64url');
      return `${payload}.${tagOf(query, payload).toString('base64url')}`;
    },
    read(query, cursor) {
      const [payload = '', tag = '', ...rest] = cursor.length > MAX_CHARACTERS ? [] : cursor.split('.');
      const given = Buffer.from(tag, 'base64url');
      // Base64 has several spellings of the same bytes; only the one that was written counts.
      const isSpelled = given.toString('base64url') === tag && rest.length === 0;
      if (!isSpelled || given.byteLength !== TAG_BYTES || !timingSafeEqual(given, tagOf(query, payload)))
        throw refused();
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as readonly string[];
    },
  };
}

function refused(): ValidationError {
  const line = {
    field: 'cursor',
    code: 'INVALID',
    message: 'Is no cursor of this list. Begin at its first page.',
  };
  return new ValidationError(undefined, { details: [line] });
}
