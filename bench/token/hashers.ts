import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { hash as nodeRsHash, verify as nodeRsVerify } from '@node-rs/argon2';
import bcrypt from 'bcrypt';
import { systemClock } from '../../src/core/clock.ts';
import { createPasswordHasher, readPasswordOptions } from '../../src/modules/identity/password/index.ts';

/** One way of hashing passwords. */
export interface HashContender {
  readonly hash: (password: string) => Promise<string>;
  readonly verify: (password: string, stored: string) => Promise<boolean>;
}

const MEMORY_KIB = 19_456;
const PASSES = 2;
/** Argon2id is its default. */
const ARGON = { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: 1 };

/** Argon2id with 19 MiB and two passes, and bcrypt with cost 12. */
export const HASHERS: Readonly<Record<string, () => HashContender>> = {
  rampart() {
    const nothing = (): void => undefined;
    const hasher = createPasswordHasher(readPasswordOptions('password', {}), {
      clock: systemClock,
      events: { emit: nothing },
      log: { warn: nothing, error: nothing },
    });
    return {
      hash: (password) => hasher.hash(password),
      verify: async (password, stored) => (await hasher.verify(password, stored)).ok,
    };
  },
  '@node-rs/argon2': () => ({
    hash: (password) => nodeRsHash(password, ARGON),
    verify: (password, stored) => nodeRsVerify(stored, password),
  }),
  ...(typeof argon2 === 'function' ? { 'node:crypto': nodeArgon } : {}),
  'bcrypt 12': () => ({
    hash: (password) => bcrypt.hash(password, 12),
    verify: (password, stored) => bcrypt.compare(password, stored),
  }),
};

function nodeArgon(): HashContender {
  const run = promisify(argon2);
  const digest = async (password: string, nonce: Buffer): Promise<string> => {
    const parameters = {
      message: password,
      nonce,
      parallelism: 1,
      tagLength: 32,
      memory: MEMORY_KIB,
      passes: PASSES,
    };
    return (await run('argon2id', parameters)).toString('hex');
  };
  return {
    async hash(password) {
      const nonce = randomBytes(16);
      return `${nonce.toString('hex')}.${await digest(password, nonce)}`;
    },
    async verify(password, stored) {
      const [nonce = '', wanted] = stored.split('.');
      return (await digest(password, Buffer.from(nonce, 'hex'))) === wanted;
    },
  };
}
