import { arch, cpus, platform } from 'node:os';

/** One line of a bench. */
export interface BenchRow {
  readonly case: string;
  readonly unit: string;
  readonly rampart: number;
  /** By name of the contender. */
  readonly peers: Readonly<Record<string, number>>;
  /** A hand-made minimum that does only the work; null where there is none. */
  readonly limit: number | null;
  /** How many times better than the best peer: above 1 is better, whichever way the unit points. 0 without peers. */
  readonly ratio: number;
}

/** What a bench found. */
export interface BenchResult {
  readonly name: string;
  readonly machine: string;
  readonly results: readonly BenchRow[];
}

/** Which way a unit points. */
export type Better = 'less' | 'more';

/** The machine and the runtime, in one line. */
export function machine(): string {
  const all = cpus();
  return `${platform()} ${arch()}, ${all.length} × ${all[0]?.model ?? 'unknown'}, Node.js ${process.versions.node}`;
}

/** The middle one of the values; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Makes a line of what each contender reached; `rampart` and `limit` are names, every other one is a peer. */
export function rowOf(
  about: { readonly case: string; readonly unit: string; readonly better: Better },
  values: Readonly<Record<string, number>>,
): BenchRow {
  const { rampart = 0, limit, ...peers } = values;
  const all = Object.values(peers);
  const best = about.better === 'less' ? Math.min(...all) : Math.max(...all);
  const ratio = about.better === 'less' ? best / rampart : rampart / best;
  return {
    case: about.case,
    unit: about.unit,
    rampart: shorten(rampart),
    peers: Object.fromEntries(Object.entries(peers).map(([name, value]) => [name, shorten(value)])),
    limit: limit === undefined ? null : shorten(limit),
    ratio: all.length === 0 ? 0 : shorten(ratio),
  };
}

/** Three significant digits, or whole. */
export function shorten(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The result as a table for people. */
export function table({ name, machine: where, results }: BenchResult): string {
  const lines = results.map((row) => [
    row.case,
    row.unit,
    row.rampart.toLocaleString('en'),
    Object.entries(row.peers)
      .map(([peer, value]) => `${peer} ${value.toLocaleString('en')}`)
      .join(', '),
    row.limit === null ? '–' : row.limit.toLocaleString('en'),
    row.ratio === 0 ? '–' : `${row.ratio} ×`,
  ]);
  const all = [['case', 'unit', 'rampart', 'peers', 'limit', 'ratio'], ...lines];
  const widths = [0, 1, 2, 3, 4, 5].map((i) => Math.max(...all.map((line) => line[i]?.length ?? 0)));
  const text = all.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`${name} · ${where}`, ...text].join('\n');
}
