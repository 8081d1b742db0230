import { createSecretKey, type KeyObject } from 'node:crypto';
import { type Clock, systemClock } from '../../core/clock.ts';
import { OptionsError, RampartError } from '../../core/errors.ts';
import { hmacSha256 } from './primitives.ts';

/** What keys are for; no key serves two of these. */
export const KEY_PURPOSES = ['fields', 'payment', 'index', 'hmac', 'identity'] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** A key of a ring. */
export interface RingKey {
  /** `kid`: stands in everything that the key makes. 1 to 40 letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 bytes; null where it is known by name and cannot be unwrapped here. */
  readonly key: Uint8Array | null;
  /** From then on it seals, until a later one does. Absent: always. */
  readonly writesFromMs?: number;
  /** How often all nodes together have used it before. */
  readonly uses?: number;
}

/** A key, ready for use. */
export interface LoadedKey {
  readonly id: string;
  readonly key: KeyObject;
  readonly writesFromMs: number;
  /** Seals by this key: what was counted before, and this process's own since. */
  uses: number;
}

/**
 * NIST SP 800-38D 8.3: with random 96-bit nonces a key seals at most 2^32 times. The ring asks for another one at an
 * eighth of it, so that counts that are some minutes old can't carry it across.
 */
export const MAX_USES = 2 ** 32;
export const USES_TO_ROTATE = 2 ** 29;

/** The keys of one purpose: the newest that has begun seals, all of them open. */
export class KeyRing {
  readonly purpose: string;
  readonly #clock: Clock;
  #keys: readonly LoadedKey[] = [];
  #byId: ReadonlyMap<string, LoadedKey> = new Map();
  #known: ReadonlySet<string> = new Set();
  /** Begin of a key that cannot be unwrapped, and is newer than all that can. */
  #missingFromMs = Number.POSITIVE_INFINITY;
  #active: LoadedKey | undefined;
  #nextMs = Number.NEGATIVE_INFINITY;
  readonly #told = new Map<string, number>();

  /**
   * @param purpose such as `fields`; bound into everything that is sealed
   * @throws OptionsError on a key of another length, an id that is none, or one that is given twice
   */
  constructor(purpose: string, keys: readonly RingKey[], clock: Clock = systemClock) {
    this.purpose = purpose;
    this.#clock = clock;
    this.replace(keys);
  }

  /** Takes over the keys as they stand now. Those that stay keep their counts. */
  replace(keys: readonly RingKey[]): void {
    const byId = new Map<string, LoadedKey>();
    const known = new Set<string>();
    let missingFromMs = Number.NEGATIVE_INFINITY;
    for (const given of keys) {
      checkId(given.id);
      if (known.has(given.id)) throw new OptionsError('keys', `the id '${given.id}' is given twice`);
      known.add(given.id);
      if (given.key === null) missingFromMs = Math.max(missingFromMs, given.writesFromMs ?? 0);
      else byId.set(given.id, this.#load(given, given.key));
    }
    // Equal begins: the one that was given first seals.
    this.#keys = [...byId.values()].toSorted((a, b) => b.writesFromMs - a.writesFromMs);
    this.#byId = byId;
    this.#known = known;
    const newest = this.#keys[0]?.writesFromMs ?? Number.NEGATIVE_INFINITY;
    this.#missingFromMs = missingFromMs > newest ? missingFromMs : Number.POSITIVE_INFINITY;
    this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  #load(given: RingKey, key: Uint8Array): LoadedKey {
    if (key.byteLength !== 32) throw new OptionsError('keys', `the key '${given.id}' must have 32 bytes`);
    const writesFromMs = given.writesFromMs ?? 0;
    const before = this.#byId.get(given.id);
    const loaded = createSecretKey(key);
    const counted = given.uses ?? 0;
    const own = before === undefined ? 0 : before.uses - (this.#told.get(given.id) ?? 0);
    this.#told.set(given.id, counted);
    if (before?.key.equals(loaded) === true && before.writesFromMs === writesFromMs) {
      before.uses = counted + own;
      return before;
    }
    return { id: given.id, key: loaded, writesFromMs, uses: counted + own };
  }

  /**
   * The key that seals now.
   * @throws RampartError `KEY_UNAVAILABLE` where there is none, or the one that should seal cannot be unwrapped here
   */
  sealing(): LoadedKey {
    const now = this.#clock.now();
    if (now >= this.#nextMs) this.#choose(now);
    return this.#active ?? this.#unavailable();
  }

  #choose(now: number): void {
    const begun = this.#keys.find((key) => key.writesFromMs <= now);
    const later = this.#keys.filter((key) => key.writesFromMs > now).map((key) => key.writesFromMs);
    // Before the first begins, it seals all the same: there is nobody who could not read it.
    this.#active = this.#missingFromMs <= now ? undefined : (begun ?? this.#keys.at(-1));
    this.#nextMs = Math.min(
      ...later,
      this.#missingFromMs <= now ? Number.POSITIVE_INFINITY : this.#missingFromMs,
    );
  }

  #unavailable(): never {
    throw new RampartError(
      'KEY_UNAVAILABLE',
      `No key for '${this.purpose}' can be used here. See what 'rampart keys status' says.`,
    );
  }

  /** The key of that id; `undefined` when there is none (any more), or it cannot be unwrapped here. */
  find(id: string): LoadedKey | undefined {
    return this.#byId.get(id);
  }

  /** Whether a key of that id was ever heard of: an unknown one is worth reading the keys again. */
  knows(id: string): boolean {
    return this.#known.has(id);
  }

  /** All keys that can be used, the newest first. */
  keys(): readonly LoadedKey[] {
    return this.#keys;
  }

  /** Counts of this process that were not yet told, by id, and takes them as told. */
  takeUses(): ReadonlyMap<string, number> {
    const taken = new Map<string, number>();
    for (const key of this.#keys) {
      const fresh = key.uses - (this.#told.get(key.id) ?? 0);
      if (fresh > 0) taken.set(key.id, fresh);
      this.#told.set(key.id, key.uses);
    }
    return taken;
  }
}

/** Counts one more seal. @throws RampartError `KEY_EXHAUSTED` at 2^32 of them */
export function use(key: LoadedKey): LoadedKey {
  if (key.uses >= MAX_USES) {
    throw new RampartError(
      'KEY_EXHAUSTED',
      `The key '${key.id}' has sealed 2^32 times and must not seal any more. Add another: rampart keys add.`,
    );
  }
  key.uses += 1;
  return key;
}

/** Refuses what could not stand in a sealed text. @throws OptionsError */
export function checkId(id: string): void {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(id)) throw new OptionsError('keys', `'${id}' is not an id of a key`);
}

/**
 * A ring whose keys never change: the first one seals, all of them open.
 * @throws OptionsError on no key, or as `KeyRing` does
 */
export function fixedRing(
  purpose: string,
  keys: readonly { readonly id: string; readonly key: Uint8Array }[],
): KeyRing {
  if (keys.length === 0) throw new OptionsError('keys', 'expected at least one key');
  return new KeyRing(purpose, keys);
}

/** Eight bytes by which a key is recognised, and nothing of it is learnt: HMAC-SHA-256, truncated. */
export function keyCheck(key: Uint8Array, purpose: string, id: string): string {
  return hmacSha256(key, `rampart key check\0${purpose}\0${id}`).toString('base64url', 0, 8);
}
