import { availableParallelism } from 'node:os';
import { randomFillSync } from 'node:crypto';
import { ValidationError } from '../../../core/errors.ts';
import type { PasswordHasher } from '../contract.ts';
import type { IdentityPorts } from '../ports.ts';
import { argonDigest, fits, type Peppers } from './compute.ts';
import type { PasswordSettings } from './options.ts';
import { WorkQueue } from './queue.ts';
import { rarely } from './rarely.ts';
import { type ArgonParameters, readStored, type Stored, type StoredArgon, writeArgon } from './stored.ts';
import { readPassword } from './text.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAY_WAIT = 64;
const MINUTE_MS = 60_000;

/** What the hasher stands on. */
export type HasherPorts = Pick<IdentityPorts, 'clock' | 'events' | 'log'>;

/**
 * Hashes with Argon2id (RFC 9106; parameters of the OWASP Password Storage Cheat Sheet) and verifies these and older
 * formats, all in one bounded queue: `parallel` run, 64 wait, further ones are refused with 429 `HASH_QUEUE_FULL` and
 * the event of that name, told once a minute.
 *
 * An unknown account, a password that cannot be one, and a stored hash that cannot be read take the work of a current hash.
 * An account whose hash is still of an older format takes the time of that format until its owner has signed in once.
 */
export function createPasswordHasher(settings: PasswordSettings, ports: HasherPorts): PasswordHasher {
  const told = rarely(ports.clock, MINUTE_MS);
  const unreadable = rarely(ports.clock, MINUTE_MS);
  const onFull = (): void =>
    told(() => ports.events.emit('HASH_QUEUE_FULL', { outcome: 'refused', details: { waiting: MAY_WAIT } }));
  // One core is left to everybody else.
  const parallel = settings.parallel ?? Math.max(1, Math.min(4, availableParallelism() - 1));
  const queue = new WorkQueue(parallel, MAY_WAIT, onFull);
  // No more than are hashed: a sign-in whose hash has to wait would only stand in the database's way.
  const flows = new WorkQueue(parallel, MAY_WAIT, onFull);
  const { hash: parameters, peppers } = settings;
  const pepper = peppers.keys().next().value ?? null;
  const fresh = (): Omit<StoredArgon, 'hash'> => ({
    kind: 'argon2',
    ...parameters,
    pepper,
    salt: random(SALT_BYTES),
  });
  // Random bytes instead of a hash: nothing fits them, and they cost nothing to make.
  const dummy: Stored = { ...fresh(), hash: random(HASH_BYTES) };

  return {
    admit: (flow) => flows.run(flow),
    async hash(password) {
      const read = readPassword(password);
      if (!read.ok) throw unfit();
      const stored = fresh();
      const digest = await queue.run(() => argonDigest(read.nfc, stored, HASH_BYTES, peppers));
      return writeArgon({ ...stored, hash: digest });
    },
    verify(password, text) {
      const read = readPassword(password);
      const stored = text === null ? undefined : readUsable(text, peppers);
      if (text !== null && stored === undefined) {
        unreadable(() => ports.log.warn('A stored password hash cannot be read: its owner needs a reset.'));
      }
      const real = read.ok && stored !== undefined;
      const against = real ? stored : dummy;
      return queue.run(async () => {
        for (const form of formsOf(password, read.ok ? read.nfc : '', against)) {
          if ((await fits(form, against, peppers)) && real) {
            return { ok: true, rehash: form !== read.nfc || isStale(stored, parameters, pepper) };
          }
        }
        return { ok: false, rehash: false };
      });
    },
    stats: () => queue.stats(),
  };
}

/**
 * Forms to try. Hashes of an older system may be of the text as it was typed; a peppered one is ours, thus of NFC. Both
 * hold for the dummy too, so that it takes the same work.
 */
function formsOf(given: string, nfc: string, stored: Stored): readonly string[] {
  const ours = stored.kind === 'argon2' && stored.pepper !== null;
  return nfc === '' || nfc === given || ours ? [nfc] : [nfc, given];
}

function readUsable(text: string, peppers: Peppers): Stored | undefined {
  const stored = readStored(text);
  const missing = stored?.kind === 'argon2' && stored.pepper !== null && !peppers.has(stored.pepper);
  return missing ? undefined : stored;
}

/** Whether a hash is of another kind than new ones are. */
function isStale(stored: Stored, now: ArgonParameters, pepper: string | null): boolean {
  if (stored.kind !== 'argon2') return true;
  const { memoryKib, passes, lanes } = stored;
  const same = memoryKib === now.memoryKib && passes === now.passes && lanes === now.lanes;
  return (
    !same || stored.pepper !== pepper || stored.salt.length < SALT_BYTES || stored.hash.length < HASH_BYTES
  );
}

function unfit(): ValidationError {
  const message = 'Choose a password of 1 to 256 characters without control characters.';
  return new ValidationError(undefined, {
    details: [{ field: 'password', code: 'PASSWORD_INVALID', message }],
  });
}

function random(bytes: number): Buffer {
  return randomFillSync(Buffer.allocUnsafeSlow(bytes));
}
