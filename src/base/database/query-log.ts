import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Duration } from '../../core/duration.ts';
import { duration, type Fields, number, readOptions } from '../../core/options.ts';
import { DurationHistogram } from '../observe/index.ts';

/** What of the statements is kept. */
export interface QueryLogOptions {
  /** Statements that take longer are counted: 1ms to 1m. Default 100ms. */
  readonly counted?: Duration;
  /** Statements that take longer are listed by their shape: 1ms to 10m. Default 1s. */
  readonly slow?: Duration;
  /** Shapes in the list, 10 to 10,000; beyond, the one that took least in all is forgotten. Default 500. */
  readonly maxStatements?: number;
}

/** Readers of {@link QueryLogOptions}. */
export const queryLogFields: Fields<{ counted: number; slow: number; maxStatements: number }> = {
  counted: duration({ min: '1ms', max: '1m', default: '100ms' }),
  slow: duration({ min: '1ms', max: '10m', default: '1s' }),
  maxStatements: number({ min: 10, max: 10_000, default: 500 }),
};

/** A slow statement. Never a value: parameters are not kept, literals stand as `?`. */
export interface SlowStatement {
  /** 16 hexadecimal digits of its shape's SHA-256. */
  readonly id: string;
  readonly shape: string;
  /** How often it was slow. */
  readonly calls: number;
  /** How often it failed in the end, of these. */
  readonly failures: number;
  readonly totalMs: number;
  readonly maxMs: number;
  readonly lastMs: number;
  /** Of its slow calls, to 12.5 %. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** A statement that single requests asked again and again; known in development only. */
export interface RepeatedStatement {
  /** Of the shape, as in {@link SlowStatement}. */
  readonly id: string;
  readonly shape: string;
  /** File and line that asked. */
  readonly place: string;
  /** How often it was told, at most once a minute. */
  readonly times: number;
  readonly lastAtMs: number;
}

/** All statements since the start, and the slow ones. */
export interface QuerySummary {
  readonly sinceMs: number;
  readonly total: number;
  readonly failures: number;
  /** Above the first and above the second bound. */
  readonly counted: number;
  readonly slow: number;
  readonly countedMs: number;
  readonly slowMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Shapes that the list had no room for. */
  readonly forgotten: number;
  /** The one that took most in all first. */
  readonly statements: readonly SlowStatement[];
  /** The last one told first. */
  readonly repeated: readonly RepeatedStatement[];
}

interface Entry {
  readonly id: string;
  readonly shape: string;
  /** The statement as it was sent, for its plan; never handed out. */
  text: string;
  calls: number;
  failures: number;
  totalMs: number;
  maxMs: number;
  lastMs: number;
  readonly firstAtMs: number;
  lastAtMs: number;
  toldAtMs: number;
  readonly durations: DurationHistogram;
}

/** One slow call, told at most once a minute for each shape. */
export interface SlowNotice {
  readonly id: string;
  readonly shape: string;
  readonly durationMs: number;
}

/** Longer texts are put together from values; their plan is not asked for. */
const MAX_TEXT = 20_000;
const TOLD_EVERY_MS = 60_000;
/** Places in the list of repeated statements; the one told longest ago is forgotten. */
const MAX_REPEATED = 100;

/** Durations of all statements, and a bounded list of the slow ones. */
export class QueryLog {
  readonly #clock: Clock;
  readonly #limits: { readonly counted: number; readonly slow: number; readonly maxStatements: number };
  readonly #onSlow: (notice: SlowNotice) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #repeated = new Map<string, RepeatedStatement>();
  #histogram = new DurationHistogram();
  #sinceMs: number;
  #failures = 0;
  #counted = 0;
  #slow = 0;
  #forgotten = 0;

  /** @throws OptionsError */
  constructor(
    options: QueryLogOptions,
    ports: { readonly clock: Clock; readonly onSlow?: (notice: SlowNotice) => void },
    path = 'database.queries',
  ) {
    this.#limits = readOptions(path, options, queryLogFields);
    this.#clock = ports.clock;
    this.#onSlow = ports.onSlow ?? (() => undefined);
    this.#sinceMs = ports.clock.now();
  }

  /** Adds one statement. `shapeOf` is asked only when it was slow. */
  record(text: string, durationMs: number, failed: boolean, shapeOf: (text: string) => string): void {
    this.#histogram.record(durationMs);
    if (failed) this.#failures += 1;
    if (durationMs < this.#limits.counted) return;
    this.#counted += 1;
    if (durationMs < this.#limits.slow) return;
    this.#slow += 1;
    const entry = this.#entryOf(text, shapeOf(text));
    const now = this.#clock.now();
    entry.calls += 1;
    if (failed) entry.failures += 1;
    entry.totalMs += durationMs;
    entry.maxMs = Math.max(entry.maxMs, durationMs);
    entry.lastMs = durationMs;
    entry.durations.record(durationMs);
    entry.lastAtMs = now;
    if (now - entry.toldAtMs < TOLD_EVERY_MS) return;
    entry.toldAtMs = now;
    this.#onSlow({ id: entry.id, shape: entry.shape, durationMs });
  }

  #entryOf(text: string, shape: string): Entry {
    const known = this.#entries.get(shape);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#limits.maxStatements) this.#forgetOne();
    const entry: Entry = {
      id: idOf(shape),
      shape,
      text: text.length <= MAX_TEXT ? text : '',
      calls: 0,
      failures: 0,
      totalMs: 0,
      maxMs: 0,
      lastMs: 0,
      firstAtMs: this.#clock.now(),
      lastAtMs: 0,
      toldAtMs: Number.NEGATIVE_INFINITY,
      durations: new DurationHistogram(),
    };
    this.#entries.set(shape, entry);
    return entry;
  }

  /** Adds a statement that one request asked too often. */
  noteRepeated(shape: string, place: string): void {
    const key = `${place} ${shape}`;
    const known = this.#repeated.get(key);
    this.#repeated.delete(key);
    if (this.#repeated.size >= MAX_REPEATED)
      this.#repeated.delete(this.#repeated.keys().next().value as string);
    const times = (known?.times ?? 0) + 1;
    this.#repeated.set(key, { id: idOf(shape), shape, place, times, lastAtMs: this.#clock.now() });
  }

  #forgetOne(): void {
    let least: Entry | undefined;
    for (const entry of this.#entries.values())
      if (least === undefined || entry.totalMs < least.totalMs) least = entry;
    if (least !== undefined) this.#entries.delete(least.shape);
    this.#forgotten += 1;
  }

  /** What is known now. */
  summary(): QuerySummary {
    return {
      sinceMs: this.#sinceMs,
      total: this.#histogram.count,
      failures: this.#failures,
      counted: this.#counted,
      slow: this.#slow,
      countedMs: this.#limits.counted,
      slowMs: this.#limits.slow,
      p50Ms: this.#histogram.quantileMs(0.5),
      p95Ms: this.#histogram.quantileMs(0.95),
      p99Ms: this.#histogram.quantileMs(0.99),
      forgotten: this.#forgotten,
      statements: [...this.#entries.values()].toSorted((a, b) => b.totalMs - a.totalMs).map(shown),
      repeated: [...this.#repeated.values()].toReversed(),
    };
  }

  /** The text of a listed statement, for its plan; `undefined` where there is none of that id. */
  textOf(id: string): string | undefined {
    const entry = [...this.#entries.values()].find((one) => one.id === id);
    return entry?.text === '' ? undefined : entry?.text;
  }

  /** Begins anew. */
  clear(): void {
    this.#entries.clear();
    this.#repeated.clear();
    this.#histogram = new DurationHistogram();
    this.#sinceMs = this.#clock.now();
    this.#failures = this.#counted = this.#slow = this.#forgotten = 0;
  }
}

function shown({ text: _text, toldAtMs: _toldAtMs, durations, ...entry }: Entry): SlowStatement {
  const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((part) =>
    // A bucket's edge may lie beyond the slowest that fell into it.
    Math.min(entry.maxMs, durations.quantileMs(part)),
  ) as [number, number, number];
  return { ...entry, p50Ms, p95Ms, p99Ms };
}

function idOf(shape: string): string {
  return createHash('sha256').update(shape).digest('hex').slice(0, 16);
}
