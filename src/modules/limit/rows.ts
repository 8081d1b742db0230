import type { LentAnswer } from '../../ports/counter.ts';

/** Doubles of one slab: 6 KB, which is also the most that one answer that is kept holds on to. */
const SLAB = 768;

/**
 * Answers that are lent to a store: its rows are written one after the other into slabs, each place once, so that an
 * answer can be kept for as long as somebody asks and yet costs no array of its own.
 */
export class RowSlabs {
  readonly #lent: LentAnswer = { granted: false, atMs: 0, rows: new Float64Array(0), at: 0 };

  /** The answer to lend for a call of so many columns. The next one shares the object, never the rows. */
  lend(columns: number): LentAnswer {
    const lent = this.#lent;
    if (lent.rows.length - lent.at < columns) {
      lent.rows = new Float64Array(Math.max(SLAB, columns));
      lent.at = 0;
    }
    return lent;
  }

  /** Keeps the rows of the answer that was lent last from being written again. */
  keep(columns: number): void {
    this.#lent.at += columns;
  }
}
