import type { Where } from './types.ts';

/** Values that are remembered. */
const MOST = 8;
/** Longer ones are not compared. */
const MAX_LENGTH = 4_096;

interface Read {
  readonly value: string;
  readonly where: Where;
  readonly work: number;
}

/** The last values of a request that detectors read: what comes again at the same place says nothing new. */
export class LastRead {
  readonly #reads: Read[] = [];
  #next = 0;

  /** Forgets all. */
  clear(): void {
    this.#reads.length = 0;
    this.#next = 0;
  }

  /** The work that such a value took; 0 where it is new. */
  workOf(value: string, { place, name, kind }: Where): number {
    for (let i = 0; i < this.#reads.length; i++) {
      const one = this.#reads[i] as Read;
      if (one.value !== value) continue;
      const { where, work } = one;
      if (where.place === place && where.name === name && where.kind === kind) return work;
    }
    return 0;
  }

  /** Remembers a value, and forgets the one that was remembered longest. */
  add(value: string, where: Where, work: number): void {
    if (value.length > MAX_LENGTH) return;
    this.#reads[this.#next] = { value, where, work };
    this.#next = (this.#next + 1) % MOST;
  }
}

/** Characters by which a text that repeats itself is known. */
const SAMPLE = 64;

/**
 * How far a text may be gone on in, from `from`, to meet the very same `length` characters again; 0 where it does not repeat
 * itself.
 * @param farthest the step is at most this long
 * @param shortest and at least this long
 */
export function stepOfRepetition(
  text: string,
  from: number,
  length: number,
  shortest: number,
  farthest: number,
): number {
  const near = text.slice(from + 1, from + farthest + SAMPLE);
  const period = near.indexOf(text.slice(from, from + SAMPLE)) + 1;
  if (period === 0 || period > farthest) return 0;
  const step = farthest - (farthest % period);
  if (step < shortest || from + step + length > text.length) return 0;
  return text.slice(from + step, from + step + length) === text.slice(from, from + length) ? step : 0;
}

/** Characters of which a reader remembers what it saw, before it looks whether they come again. */
export const STRETCH = 4_096;
/** Characters around a place that say something of it. */
const AROUND = 256;

/**
 * Where a reader that has come to `at` may go on: beyond all that is the same as the stretch before it. Those places would
 * tell nothing new, for around each of them stands what stands around one that was read.
 * @param to where the reader ends
 */
export function beyondRepetition(text: string, at: number, to: number): number {
  let mark = at - STRETCH;
  for (;;) {
    const step = stepOfRepetition(text, mark, STRETCH + AROUND, 1, STRETCH - AROUND);
    if (step === 0 || mark + step + STRETCH + AROUND > to) return mark + STRETCH;
    mark += step;
  }
}
