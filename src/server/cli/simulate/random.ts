/** Chance that comes out the same for the same seed: a run can be repeated. Never for secrets. */
export interface Chance {
  /** A fraction from 0 up to, but not including, 1. */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** Letters and digits. */
  word(length: number): string;
}

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * Makes the chance of one actor.
 * @param seed any whole number; the low 32 bits count
 */
export function seeded(seed: number): Chance {
  // A Weyl sequence whose steps are mixed by the finaliser of MurmurHash3: short, and even enough for think times.
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
  };
  const whole = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    whole,
    pick: (list) => list[whole(0, list.length - 1)] as (typeof list)[number],
    word: (length) => Array.from({ length }, () => LETTERS[whole(0, LETTERS.length - 1)]).join(''),
  };
}

/** A seed of its own for each of many actors of one run. */
export function seedOf(run: number, actor: number): number {
  return (Math.imul(run, 0x01000193) ^ Math.imul(actor + 1, 0x85ebca6b)) >>> 0;
}
