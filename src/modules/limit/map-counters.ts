import { OptionsError } from '../../core/errors.ts';
import type {
  CounterAnswer,
  CounterProgram,
  CounterRow,
  CounterStep,
  CounterStore,
} from '../../ports/counter.ts';

/** How much it may hold. */
export interface MapCountersOptions {
  /** Rows of all programs together; at least 1, default 100,000. Beyond it expired rows go, then the oldest. */
  readonly maxRows?: number;
}

interface Entry {
  readonly row: Float64Array;
  readonly key: string;
  expiresAtMs: number;
}

/**
 * Counters in a plain `Map`: the obvious way, for one process. A limiter counts in it when it is given no store, and
 * beside a shared store that does not answer when it is given no better one. The memory store holds ten times as many
 * keys in the same space.
 */
export function mapCounters(options: MapCountersOptions = {}): CounterStore {
  const maxRows = options.maxRows ?? 100_000;
  const entries = new Map<string, Entry>();
  const nameOf = (program: CounterProgram, key: string): string => `${program.name} ${key}`;
  const find = (program: CounterProgram, key: string, nowMs: number): Entry | undefined => {
    const entry = entries.get(nameOf(program, key));
    return entry !== undefined && entry.expiresAtMs > nowMs ? entry : undefined;
  };
  const run = (steps: readonly CounterStep[], nowMs: number): CounterAnswer => {
    const found = steps.map(
      (step) => find(step.program, step.key, nowMs)?.row ?? new Float64Array(step.program.columns),
    );
    const rows = Float64Array.from(found.flatMap((row) => [...row]));
    const granted = steps.every(
      (step, i) => step.program.peek(found[i] as Float64Array, 0, step.args, nowMs) || step.advisory === true,
    );
    steps.forEach((step, i) => {
      if (!granted && step.commitWhenRefused !== true) return;
      const row = found[i] as Float64Array;
      step.program.commit(row, 0, step.args, nowMs, granted);
      keep(entries, maxRows, nameOf(step.program, step.key), nowMs, {
        row,
        key: step.key,
        expiresAtMs: nowMs + step.program.ttlMs(step.args),
      });
    });
    return { granted, atMs: nowMs, rows };
  };
  return {
    kind: 'memory',
    run,
    read: (rows) =>
      Promise.resolve(
        rows.map(({ program, key }): CounterRow | undefined => {
          const entry = entries.get(nameOf(program, key));
          return entry && { key, row: entry.row.slice(), expiresAtMs: entry.expiresAtMs };
        }),
      ),
    reset: (rows) =>
      Promise.resolve(rows.filter(({ program, key }) => entries.delete(nameOf(program, key))).length),
    ping: () => Promise.resolve(),
    nodeCount: () => Promise.resolve(1),
    close: () => Promise.resolve(),
  };
}

function keep(entries: Map<string, Entry>, maxRows: number, name: string, nowMs: number, entry: Entry): void {
  if (entries.size >= maxRows && !entries.has(name)) makeRoom(entries, maxRows, nowMs);
  entries.set(name, entry);
}

/** Drops what has expired among the oldest rows, and the oldest itself where none has: bounded work per call. */
function makeRoom(entries: Map<string, Entry>, maxRows: number, nowMs: number): void {
  let looked = 0;
  for (const [name, entry] of entries) {
    if (entry.expiresAtMs <= nowMs) entries.delete(name);
    if (++looked >= 32) break;
  }
  while (entries.size >= maxRows) entries.delete(entries.keys().next().value as string);
}

/**
 * The store that counts while the shared one is silent.
 * @throws OptionsError when it is one that has to be waited for
 */
export function localCounters(given: CounterStore | undefined): CounterStore {
  if (given !== undefined && given.kind !== 'memory')
    throw new OptionsError('ports.local', 'must be a store of this process, which answers at once');
  return given ?? mapCounters();
}
