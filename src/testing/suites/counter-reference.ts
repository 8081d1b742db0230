import type { CounterAnswer, CounterProgram, CounterStep } from '../../ports/counter.ts';

/**
 * The counter port in its plainest form: what the drivers are held against. Slow, unbounded, and meant to be read in a
 * minute.
 */
export class ReferenceCounters {
  readonly #rows = new Map<string, { row: Float64Array; expiresAtMs: number }>();

  /** As `CounterStore.run`. */
  run(steps: readonly CounterStep[], nowMs: number): CounterAnswer {
    const before = steps.map(({ program, key }) => this.#row(program, key, nowMs));
    const grants = steps.map(({ program, args }, i) =>
      program.peek(before[i] as Float64Array, 0, args, nowMs),
    );
    const granted = steps.every((step, i) => step.advisory || grants[i]);
    steps.forEach((step, i) => {
      if (!granted && !step.commitWhenRefused) return;
      const row = (before[i] as Float64Array).slice();
      step.program.commit(row, 0, step.args, nowMs, granted);
      const expiresAtMs = Math.ceil(nowMs + step.program.ttlMs(step.args));
      this.#rows.set(nameOf(step.program, step.key), { row, expiresAtMs });
    });
    return { granted, atMs: nowMs, rows: Float64Array.from(before.flatMap((row) => [...row])) };
  }

  #row(program: CounterProgram, key: string, nowMs: number): Float64Array {
    const found = this.#rows.get(nameOf(program, key));
    return found && found.expiresAtMs > nowMs ? found.row : new Float64Array(program.columns);
  }
}

function nameOf(program: CounterProgram, key: string): string {
  return `${program.name}:${key}`;
}
