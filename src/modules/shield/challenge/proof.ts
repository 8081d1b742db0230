import { createHash } from 'node:crypto';

/** What is to be solved: for each puzzle a number after which the hash begins with so many zero bits. */
export interface Puzzle {
  /** 22 characters that nobody could know before. */
  readonly seed: string;
  readonly bits: number;
  readonly puzzles: number;
}

const COUNTER = /^(?:0|[1-9]\d{0,9})$/;

/** What is hashed: short enough for a single block of SHA-256. */
export function puzzleText(seed: string, index: number, counter: string | number): string {
  return `${seed}:${index}:${counter}`;
}

/** Whether a hash begins with so many zero bits. */
export function startsWithZeros(hash: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (hash[i] !== 0) return false;
  const rest = bits & 7;
  return rest === 0 || (hash[whole] as number) >> (8 - rest) === 0;
}

/** Checks a proof: the counters in their order, joined by dots. Costs at most one hash per puzzle. */
export function isProof({ seed, bits, puzzles }: Puzzle, proof: string): boolean {
  if (proof.length > puzzles * 11) return false;
  const counters = proof.split('.');
  if (counters.length !== puzzles) return false;
  return counters.every(
    (counter, i) =>
      COUNTER.test(counter) &&
      startsWithZeros(
        createHash('sha256')
          .update(puzzleText(seed, i, counter))
          .digest(),
        bits,
      ),
  );
}
