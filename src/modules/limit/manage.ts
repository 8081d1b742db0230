import type { Clock } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import type { Mode } from '../../core/guard.ts';
import type { CounterRow, CounterStore } from '../../ports/counter.ts';
import { type AlgorithmName, ARG } from './algorithms/algorithm.ts';
import { penaltyOf } from './algorithms/penalties.ts';
import { capacityOf } from './judge.ts';
import type { StoreGate } from './gate.ts';
import type { RateHistogram } from './histogram.ts';
import { safePart, sourceName } from './key.ts';
import type { OnStoreFailure } from './options.ts';
import type { Policy } from './policy.ts';
import { largest } from './settings.ts';
import type { Watch } from './watch.ts';

/** Most keys that are listed at once. */
const MAX_LISTED = 100;

/** The counter of one key. Times in milliseconds since the epoch. */
export interface KeyState {
  /** As it is counted, without the policy's name: `203.0.113.7`. */
  readonly key: string;
  readonly used: number;
  /** The policy's limit, of a table by role the largest. */
  readonly max: number;
  readonly remaining: number;
  readonly resetAtMs: number;
  /** 0 for none. */
  readonly penaltyLevel: number;
  readonly penaltyUntilMs: number | null;
}

/** A policy as it is shown. */
export interface PolicyInfo {
  readonly name: string;
  readonly algorithm: AlgorithmName;
  readonly max: number | Readonly<Record<string, number>>;
  readonly windowMs: number;
  readonly by: readonly string[];
  readonly mode: Mode;
  readonly onStoreFailure: OnStoreFailure;
  readonly code: string;
  readonly phase: 'admit' | 'meter';
  /** Whether it acts on every route. */
  readonly everywhere: boolean;
}

/** Looks into the counters and resets them. Unknown policies reject with RampartError `LIMIT_UNKNOWN_POLICY`. */
export interface LimitManager {
  /** The policies as they were configured. */
  readonly policies: readonly PolicyInfo[];
  /** The counter of a key: its parts in the order of `by`, as text. A key that is not counted has used nothing. */
  inspect(policy: string, ...parts: readonly string[]): Promise<KeyState>;
  /** Forgets the counter and the penalty of a key. @returns whether there was one */
  reset(policy: string, ...parts: readonly string[]): Promise<boolean>;
  /** The keys of which this node saw the most requests lately, busiest first; at most 100. */
  topKeys(policy: string, n?: number): Promise<readonly KeyState[]>;
  /** How many requests keys made per window over the last hour, as this node saw it. */
  histogram(policy: string): RateHistogram;
  /** Requests since this node started. */
  stats(policy: string): { readonly passed: number; readonly refused: number };
  /** Whether the shared store answers, since when, and how many nodes share it. */
  storeState(): {
    readonly kind: 'memory' | 'redis';
    readonly state: 'shared' | 'local';
    readonly sinceMs: number;
    readonly nodes: number;
  };
}

/** Makes the manager of some policies. */
export function limitManager(
  watches: ReadonlyMap<Policy, Watch>,
  gate: StoreGate,
  local: CounterStore,
  clock: Clock,
): LimitManager {
  const store = (): CounterStore => (gate.state === 'shared' ? gate.store : local);
  const find = (name: string): readonly [Policy, Watch] => {
    for (const entry of watches) if (entry[0].name === name) return entry;
    throw new RampartError('LIMIT_UNKNOWN_POLICY', `There is no policy '${name.slice(0, 40)}'.`);
  };
  const read = async (policy: Policy, keys: readonly string[]): Promise<readonly KeyState[]> => {
    const { program } = policy.algorithm;
    const rows = await store().read(keys.map((key) => ({ program, key })));
    return keys.map((key, i) => stateOf(policy, key, rows[i], clock.now()));
  };
  return {
    policies: [...watches.keys()].map(infoOf),
    async inspect(name, ...parts) {
      const [policy] = find(name);
      return (await read(policy, [keyOf(policy, parts)]))[0] as KeyState;
    },
    async reset(name, ...parts) {
      const [policy] = find(name);
      const row = [{ program: policy.algorithm.program, key: keyOf(policy, parts) }];
      const counts = await Promise.all([local, store()].map((one) => one.reset(row)));
      return counts.some((count) => count > 0);
    },
    async topKeys(name, n = 20) {
      const [policy, watch] = find(name);
      return read(
        policy,
        watch.busiest.top(Math.max(0, Math.min(n, MAX_LISTED))).map((one) => one.key),
      );
    },
    histogram(name) {
      const [policy, watch] = find(name);
      return watch.rates.answer(largest(policy.settings.max), clock.now());
    },
    stats(name) {
      const [, { passed, refused }] = find(name);
      return { passed, refused };
    },
    storeState: () => ({
      kind: gate.store.kind,
      state: gate.state,
      sinceMs: gate.sinceMs,
      nodes: gate.nodes,
    }),
  };
}

function infoOf({ settings, phase }: Policy): PolicyInfo {
  const { name, algorithm, max, windowMs, mode, onStoreFailure, code, everywhere } = settings;
  const by = settings.by.map(sourceName);
  return { name, algorithm, max, windowMs, by, mode, onStoreFailure, code, phase, everywhere };
}

/** A key from its parts; one that was listed may be handed in whole. */
function keyOf(policy: Policy, parts: readonly string[]): string {
  const whole = parts.length === 1 ? (parts[0] as string) : undefined;
  // Keys of several parts come from `topKeys` as one text; their parts are safe already.
  if (whole !== undefined && policy.settings.by.length > 1) return `${policy.name}|${whole}`;
  return `${policy.name}|${parts.map((part) => (/^(?:#[\w-]{22}|~.*)$/.test(part) ? part : safePart(part))).join('|')}`;
}

function stateOf(policy: Policy, key: string, found: CounterRow | undefined, nowMs: number): KeyState {
  const { algorithm } = policy;
  const args = policy.argsFor(largest(policy.settings.max), 1);
  const row = found?.row ?? new Float64Array(algorithm.program.columns);
  const capacity = capacityOf(algorithm, args);
  const used = algorithm.used(row, 0, args, nowMs);
  const penal = args.length > ARG.penalty;
  const penalty = penal
    ? penaltyOf(row, 0, algorithm.program.columns, args, nowMs)
    : { level: 0, untilMs: 0 };
  const penalised = penalty.untilMs > nowMs;
  return {
    key: key.slice(policy.name.length + 1),
    used: Math.round(used * 1000) / 1000,
    max: capacity,
    remaining: penalised ? 0 : Math.max(0, Math.floor(capacity - used + 1e-6)),
    resetAtMs: Math.ceil(algorithm.resetAtMs(row, 0, args, nowMs)),
    penaltyLevel: penalty.level,
    penaltyUntilMs: penalised ? penalty.untilMs : null,
  };
}
