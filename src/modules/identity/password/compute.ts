import { createHmac, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { hashRaw } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import type { Stored, StoredArgon } from './stored.ts';

const scryptAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);
const pbkdf2Async = promisify(pbkdf2);

/** Keys of peppers by their id; the first is the one that new hashes take. */
export type Peppers = ReadonlyMap<string, Uint8Array>;

/** Argon2id over the password, or over its HMAC-SHA-256 where there is a pepper (NIST SP 800-63B-4, 3.1.1.2). */
export function argonDigest(
  password: string,
  stored: Omit<StoredArgon, 'kind' | 'hash'>,
  outputBytes: number,
  peppers: Peppers,
): Promise<Buffer> {
  const key = stored.pepper === null ? undefined : peppers.get(stored.pepper);
  // Base64, for then the outcome holds no NUL byte and can be reproduced with any Argon2.
  const secret = key === undefined ? password : createHmac('sha256', key).update(password).digest('base64');
  return hashRaw(secret, {
    memoryCost: stored.memoryKib,
    timeCost: stored.passes,
    parallelism: stored.lanes,
    outputLen: outputBytes,
    salt: stored.salt,
  });
}

/**
 * Whether the password fits, compared in constant time. bcrypt looks at 72 bytes only, as the system did that the hash
 * comes from; the rehash that follows takes the whole password.
 */
export async function fits(password: string, stored: Stored, peppers: Peppers): Promise<boolean> {
  switch (stored.kind) {
    case 'argon2':
      return timingSafeEqual(await argonDigest(password, stored, stored.hash.length, peppers), stored.hash);
    case 'bcrypt':
      return verifyBcrypt(password, stored.text);
    case 'scrypt': {
      const cost = 2 ** stored.logCost;
      const { blockSize, lanes } = stored;
      // What OpenSSL allots (128·r·(N + p + 2)), with room.
      const maxmem = 128 * blockSize * (cost + lanes + 2) + (1 << 20);
      const options = { N: cost, r: blockSize, p: lanes, maxmem };
      return timingSafeEqual(
        await scryptAsync(password, stored.salt, stored.hash.length, options),
        stored.hash,
      );
    }
    case 'pbkdf2': {
      const { salt, rounds, digest, hash } = stored;
      return timingSafeEqual(await pbkdf2Async(password, salt, rounds, hash.length, digest), hash);
    }
    default:
      return stored satisfies never;
  }
}
