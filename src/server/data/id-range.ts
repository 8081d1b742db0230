import { newId } from '../../core/id.ts';

/** Characters of an id after its time. */
const RANDOM_CHARACTERS = 16;

/**
 * The least id that could have been made at a time: since ids are time-ordered, a range of time is a range of the
 * primary key.
 * @param atMs milliseconds since the epoch
 */
export function firstIdAt(prefix: string, atMs: number): string {
  return newId(prefix, Math.max(0, atMs)).slice(0, -RANDOM_CHARACTERS);
}
