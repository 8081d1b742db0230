import { randomInt } from 'node:crypto';

/** A number from 0 to below 1 of the CSPRNG: pauses that nobody can foresee, and that no two nodes share. */
export function randomFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
