import type { Clock } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { keyedHash, type KeyedHash } from '../../core/hash.ts';
import type {
  CounterAnswer,
  CounterProgram,
  CounterRow,
  CounterStep,
  CounterStore,
  LentAnswer,
} from '../../ports/counter.ts';
import { readMemoryOptions, type MemoryCounterOptions } from './counter-options.ts';
import { aliveFrom, expiryMs, type Segment } from './table-layout.ts';
import { CounterTable } from './table.ts';

export type { MemoryCounterOptions } from './counter-options.ts';

/** What the counters in memory hold. */
export interface MemoryCounterStats {
  /** Rows held, over all programs; dead rows count until they are met. */
  readonly rows: number;
  /** Bytes that the rows take. */
  readonly bytes: number;
  /** Living rows forgotten since the start because the store was full. */
  readonly evicted: number;
}

/** Counters of this process. Its `run` answers at once and never fails. */
export interface MemoryCounters extends CounterStore {
  readonly kind: 'memory';
  run(steps: readonly CounterStep[], nowMs: number, lent?: LentAnswer): CounterAnswer;
  /** What it holds now. */
  stats(): MemoryCounterStats;
}

/** Programs of one store. */
const MOST_PROGRAMS = 100;
const MOST_NODES = 1_000;
const NODE_MS = 30_000;
const REPORT_MS = 1_000;

/**
 * Counters in flat memory, for one process.
 *
 * Full means: for a new row, one of the rows nearby is forgotten: a dead one, else the least used. Rows that have
 * refused somebody count as the most used. Who floods the store with new keys mostly drives out the flood's own rows;
 * each new key makes the store forget at most one row, and would have been granted a fresh limit of its own anyway, so
 * forgetting never gives a flood more than its keys already did. What was forgotten is counted.
 * @throws OptionsError
 */
export function memoryCounters(options: MemoryCounterOptions = {}): MemoryCounters {
  return new Counters(readMemoryOptions(options));
}

class Counters implements MemoryCounters {
  readonly kind = 'memory';
  readonly #maxKeys: number;
  readonly #hash: KeyedHash;
  readonly #onEvicted: ((count: number) => void) | undefined;
  readonly #clock: Clock | undefined;
  readonly #tables = new Map<string, CounterTable>();
  #lastProgram: CounterProgram | undefined;
  #lastTable: CounterTable | undefined;
  readonly #nodes = new Map<string, number>();
  #latestMs = 0;
  #evicted = 0;
  #reported = 0;
  #reportFromMs = 0;
  // The call at hand, step by step; kept between calls, so that a call allocates nothing but its answer.
  readonly #callTables: CounterTable[] = [];
  readonly #callSegments: Segment[] = [];
  readonly #callPrints: number[] = [];
  readonly #callRows: number[] = [];
  readonly #callVersions: number[] = [];

  constructor(options: MemoryCounterOptions) {
    this.#maxKeys = options.maxKeys as number;
    this.#hash = options.hash ?? keyedHash();
    this.#onEvicted = options.onEvicted;
    this.#clock = options.clock;
  }

  run(steps: readonly CounterStep[], nowMs: number, lent?: LentAnswer): CounterAnswer {
    this.#latestMs = nowMs;
    const answer =
      steps.length === 1
        ? this.#runOne(steps[0] as CounterStep, nowMs, lent)
        : this.#runAll(steps, nowMs, lent);
    if (answer === lent) return answer;
    const { granted, rows } = answer;
    return { granted, atMs: nowMs, rows };
  }

  #runAll(steps: readonly CounterStep[], nowMs: number, lent: LentAnswer | undefined): LentAnswer {
    const alive = aliveFrom(nowMs);
    const answer = answerOf(this.#locate(steps, alive), nowMs, lent);
    const granted = this.#peek(steps, answer, nowMs);
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as CounterStep;
      if (granted || step.commitWhenRefused === true) this.#commit(step, i, nowMs, alive, granted);
    }
    if (this.#evicted !== this.#reported && nowMs >= this.#reportFromMs) this.#report(nowMs);
    answer.granted = granted;
    return answer;
  }

  /** The usual call, without the bookkeeping of several steps. */
  #runOne(step: CounterStep, nowMs: number, lent: LentAnswer | undefined): LentAnswer {
    const { program, key, args } = step;
    const alive = aliveFrom(nowMs);
    const table = this.#table(program);
    const print = this.#print(key);
    const segment = table.segment(print);
    const row = table.find(segment, print, alive);
    const answer = answerOf(table.columns, nowMs, lent);
    const { rows, at } = answer;
    if (row === -1) {
      rows.fill(0, at, at + table.columns);
      answer.granted = program.peek(rows, at, args, nowMs) || step.advisory === true;
      if (answer.granted || step.commitWhenRefused === true)
        this.#begin(step, nowMs, table, segment, print, alive, answer.granted);
      return answer;
    }
    const { data } = segment;
    for (let c = 0; c < table.columns; c++) rows[at + c] = data[row + c] as number;
    if (program.take !== undefined && program.take(data, row, args, nowMs)) {
      answer.granted = true;
      table.renew(segment, row, expiryMs(nowMs, program.ttlMs(args)));
      return answer;
    }
    this.#runKnown(step, nowMs, table, segment, row, answer);
    return answer;
  }

  /** The rest of a call about a row that is there and was not taken in one step. */
  #runKnown(
    { program, args, advisory, commitWhenRefused }: CounterStep,
    nowMs: number,
    table: CounterTable,
    segment: Segment,
    row: number,
    answer: LentAnswer,
  ): void {
    const own = program.take === undefined && program.peek(answer.rows, answer.at, args, nowMs);
    if (!own) table.keep(segment, row);
    answer.granted = own || advisory === true;
    if (!answer.granted && commitWhenRefused !== true) return;
    program.commit(segment.data, row, args, nowMs, answer.granted);
    table.renew(segment, row, expiryMs(nowMs, program.ttlMs(args)));
  }

  /** Makes the row of a call that is the first about it. */
  #begin(
    { program, args }: CounterStep,
    nowMs: number,
    table: CounterTable,
    segment: Segment,
    print: number,
    alive: number,
    granted: boolean,
  ): void {
    const row = this.#claim(table, segment, print, alive);
    program.commit(segment.data, row, args, nowMs, granted);
    table.renew(segment, row, expiryMs(nowMs, program.ttlMs(args)));
    if (this.#evicted !== this.#reported && nowMs >= this.#reportFromMs) this.#report(nowMs);
  }

  #claim(table: CounterTable, segment: Segment, print: number, alive: number): number {
    const evicted = table.evicted;
    const row = table.claim(segment, print, alive);
    this.#evicted += table.evicted - evicted;
    return row;
  }

  /** @returns how many columns the call's rows have together */
  #locate(steps: readonly CounterStep[], alive: number): number {
    let columns = 0;
    for (let i = 0; i < steps.length; i++) {
      const { program, key } = steps[i] as CounterStep;
      const table = this.#table(program);
      const print = this.#print(key);
      const segment = table.segment(print);
      this.#callTables[i] = table;
      this.#callPrints[i] = print;
      this.#callSegments[i] = segment;
      this.#callRows[i] = table.find(segment, print, alive);
      this.#callVersions[i] = table.version;
      columns += table.columns;
    }
    return columns;
  }

  #peek(steps: readonly CounterStep[], answer: LentAnswer, nowMs: number): boolean {
    const { rows } = answer;
    let granted = true;
    let { at } = answer;
    for (let i = 0; i < steps.length; i++) {
      const { program, args, advisory } = steps[i] as CounterStep;
      const { columns } = program;
      const row = this.#callRows[i] as number;
      const { data } = this.#callSegments[i] as Segment;
      for (let c = 0; c < columns; c++) rows[at + c] = row === -1 ? 0 : (data[row + c] as number);
      if (!program.peek(rows, at, args, nowMs)) {
        if (row !== -1) (this.#callTables[i] as CounterTable).keep(this.#callSegments[i] as Segment, row);
        if (advisory !== true) granted = false;
      }
      at += columns;
    }
    return granted;
  }

  #commit(step: CounterStep, i: number, nowMs: number, alive: number, granted: boolean): void {
    const table = this.#callTables[i] as CounterTable;
    const segment = this.#callSegments[i] as Segment;
    let row = this.#callRows[i] as number;
    if (row === -1 || table.version !== this.#callVersions[i]) {
      row = this.#claim(table, segment, this.#callPrints[i] as number, alive);
    }
    step.program.commit(segment.data, row, step.args, nowMs, granted);
    table.renew(segment, row, expiryMs(nowMs, step.program.ttlMs(step.args)));
  }

  #table(program: CounterProgram): CounterTable {
    if (program === this.#lastProgram) return this.#lastTable as CounterTable;
    this.#lastProgram = program;
    this.#lastTable = this.#tables.get(program.name) ?? this.#newTable(program);
    return this.#lastTable;
  }

  #newTable(program: CounterProgram): CounterTable {
    if (this.#tables.size >= MOST_PROGRAMS) {
      throw new RampartError('RAMPART_COUNTER_PROGRAM', `more than ${MOST_PROGRAMS} counter programs`);
    }
    const table = new CounterTable(program.columns, this.#maxKeys);
    this.#tables.set(program.name, table);
    return table;
  }

  #print(key: string): number {
    if (key.length > 200)
      throw new RampartError('RAMPART_COUNTER_KEY', 'a counter key exceeds 200 characters');
    return this.#hash.to53(key);
  }

  #report(nowMs: number): void {
    const count = this.#evicted - this.#reported;
    this.#reported = this.#evicted;
    this.#reportFromMs = nowMs + REPORT_MS;
    this.#onEvicted?.(count);
  }

  #nowMs(): number {
    return this.#clock?.now() ?? this.#latestMs;
  }

  read(
    wanted: readonly { program: CounterProgram; key: string }[],
  ): Promise<readonly (CounterRow | undefined)[]> {
    const alive = aliveFrom(this.#nowMs());
    return Promise.resolve(
      wanted.map(({ program, key }) => {
        const table = this.#table(program);
        const print = this.#print(key);
        const segment = table.segment(print);
        const at = table.find(segment, print, alive);
        if (at === -1) return undefined;
        const row = segment.data.slice(at, at + table.columns);
        return { key, row, expiresAtMs: table.expiresAtMs(segment, at) };
      }),
    );
  }

  reset(wanted: readonly { program: CounterProgram; key: string }[]): Promise<number> {
    const alive = aliveFrom(this.#nowMs());
    let count = 0;
    for (const { program, key } of wanted) {
      const table = this.#table(program);
      const print = this.#print(key);
      const segment = table.segment(print);
      const at = table.find(segment, print, alive);
      if (at === -1) continue;
      table.remove(segment, at);
      count++;
    }
    return Promise.resolve(count);
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  nodeCount(node: string): Promise<number> {
    const now = this.#nowMs();
    for (const [name, seenMs] of this.#nodes) if (seenMs + NODE_MS <= now) this.#nodes.delete(name);
    if (this.#nodes.size < MOST_NODES || this.#nodes.has(node)) this.#nodes.set(node, now);
    return Promise.resolve(this.#nodes.size);
  }

  stats(): MemoryCounterStats {
    let rows = 0;
    let bytes = 0;
    for (const table of this.#tables.values()) {
      rows += table.size;
      bytes += table.bytes;
    }
    return { rows, bytes, evicted: this.#evicted };
  }

  close(): Promise<void> {
    this.#tables.clear();
    this.#lastProgram = undefined;
    return Promise.resolve();
  }
}

/** The answer that is filled: the one that was lent, where the rows fit. */
function answerOf(columns: number, nowMs: number, lent: LentAnswer | undefined): LentAnswer {
  if (lent === undefined || lent.rows.length - lent.at < columns)
    return { granted: false, atMs: nowMs, rows: new Float64Array(columns), at: 0 };
  lent.atMs = nowMs;
  return lent;
}
