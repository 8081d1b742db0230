/**
 * Counters shared by all nodes. The port knows no algorithm: it runs small *programs* over rows of numbers, all rows of
 * a call in one atomic step. A program is written twice by its module, in TypeScript and in Lua; the behaviour suite
 * runs both and demands the same answers.
 */

/** Reads and writes one row of numbers. Pure: nothing but the row, the arguments and the time. */
export interface CounterProgram {
  /** Unique and versioned: `sliding.v1`. Programs of one name must be the same everywhere. */
  readonly name: string;
  /** Numbers that a row holds (at most 128). A row that does not exist reads as zeros. */
  readonly columns: number;
  /** Whether the step would be granted. Must not write. `row[at]` is the first column. */
  peek(row: Float64Array, at: number, args: readonly number[], nowMs: number): boolean;
  /** Writes what follows from the call: `granted` tells whether the whole call was granted. */
  commit(row: Float64Array, at: number, args: readonly number[], nowMs: number, granted: boolean): void;
  /**
   * `peek`, and where it grants `commit` with `granted`: the same in one step, where a program can do it for less. Writes
   * nothing when it returns false.
   */
  take?(row: Float64Array, at: number, args: readonly number[], nowMs: number): boolean;
  /** Milliseconds after `nowMs` for which the row still matters. */
  ttlMs(args: readonly number[]): number;
  /**
   * The same in Lua 5.1: two function bodies over `row` (1-based table of numbers), `args` (1-based) and `now`
   * (milliseconds), the second also over `granted`. `peek` returns true or false. `take` is for programs of at most four
   * columns that can do both for less: it returns false, or true and the columns as `commit` would leave them when
   * granted, and writes nothing.
   */
  readonly lua: { readonly peek: string; readonly commit: string; readonly take?: string };
}

/** One row's part in a call. */
export interface CounterStep {
  readonly program: CounterProgram;
  /** At most 200 characters; whose counter. Names with other programs are other rows. */
  readonly key: string;
  readonly args: readonly number[];
  /** Commit this step even when another step refuses the call. Default: a refused call changes nothing. */
  readonly commitWhenRefused?: boolean;
  /** Asked and committed like the others, but its refusal does not refuse the call (shadow policies). */
  readonly advisory?: boolean;
}

/** What a call saw and did. */
export interface CounterAnswer {
  /** Every step that is not advisory was granted. */
  readonly granted: boolean;
  /** The time by which it was decided: the store's own clock, or the caller's `nowMs`. */
  readonly atMs: number;
  /** The rows as they stood before the call, one after the other: the state of the decision. */
  readonly rows: Float64Array;
  /** Where the first of them begins in `rows`. Absent: 0. */
  readonly at?: number;
}

/** An answer that the caller lends, so that a store which answers at once need not make one. */
export interface LentAnswer {
  granted: boolean;
  atMs: number;
  /** Must have room for the call's rows from `at` on; a store whose rows do not fit answers with its own. */
  rows: Float64Array;
  at: number;
}

/** One stored row, for inspection. */
export interface CounterRow {
  readonly key: string;
  readonly row: Float64Array;
  /** When the row will be forgotten, milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** The port. Drivers: memory (one process) and Redis (all nodes). */
export interface CounterStore {
  /** Which driver, for the console and events. */
  readonly kind: 'memory' | 'redis';
  /**
   * Peeks every step; if all are granted commits all, else only those with `commitWhenRefused`. Atomic over all steps.
   * Memory answers at once, others with a promise that rejects when the store fails. Steps of one call must not name the
   * same row twice.
   * @param lent a store that answers at once may fill and return it; the others leave it alone
   */
  run(
    steps: readonly CounterStep[],
    nowMs: number,
    lent?: LentAnswer,
  ): CounterAnswer | Promise<CounterAnswer>;
  /** Reads rows without changing them; absent rows are `undefined`. */
  read(
    rows: readonly { program: CounterProgram; key: string }[],
  ): Promise<readonly (CounterRow | undefined)[]>;
  /** Forgets rows. @returns how many existed */
  reset(rows: readonly { program: CounterProgram; key: string }[]): Promise<number>;
  /** Proves that the store answers; rejects when it does not. */
  ping(): Promise<void>;
  /** How many nodes have said within the last 30 s that they share this store (this one included). */
  nodeCount(node: string): Promise<number>;
  /** Gives back timers and connections that the store itself opened. */
  close(): Promise<void>;
}
