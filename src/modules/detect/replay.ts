import type { RampartEvent } from '../../core/events.ts';
import type { CounterAnswer, CounterStep, CounterStore, LentAnswer } from '../../ports/counter.ts';
import { OptionsError } from '../../core/errors.ts';
import type { Detection } from './detection.ts';
import { Engine } from './engine.ts';
import type { PlaceOf } from './fields.ts';
import type { Rule } from './rule.ts';

/** What a replay stands on. */
export interface ReplayPorts {
  /** An empty store of this process. */
  readonly store: CounterStore;
  readonly placeOf?: PlaceOf | undefined;
  /** Told of every detection and update, in order. */
  readonly onDetection?: (detection: Detection) => void;
}

/** One group for which a rule would have spoken. */
export interface ReplayedGroup {
  readonly key: string;
  readonly detections: number;
  /** The most that one detection counted. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What one rule would have said. */
export interface ReplayedRule {
  readonly rule: string;
  readonly title: string;
  readonly severity: Detection['severity'];
  readonly enabled: boolean;
  readonly detections: number;
  /** Different groups; counted up to 10,000. */
  readonly groups: number;
  /** Those with the most detections; at most 20. */
  readonly top: readonly ReplayedGroup[];
  /** First and last detection, milliseconds since the epoch; null without one. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

/** What came of a replay. */
export interface ReplayReport {
  readonly events: number;
  /** Time of the first and last event, milliseconds since the epoch; null without one. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly rules: readonly ReplayedRule[];
}

const MAX_GROUPS = 10_000;
const SHOWN = 20;

/**
 * Looks at events of the past, oldest first, by their own clock and with the code that looks at those of the present.
 * Rules that are switched off are looked for too: that is what trying them is for.
 * @throws OptionsError for a store that has to be waited for
 */
export async function replay(
  rules: readonly Rule[],
  events: AsyncIterable<RampartEvent> | Iterable<RampartEvent>,
  { store, placeOf, onDetection }: ReplayPorts,
): Promise<ReplayReport> {
  if (store.kind !== 'memory') throw new OptionsError('replay.store', 'must be a store of this process');
  const counts = {
    run: (steps: readonly CounterStep[], nowMs: number, lent?: LentAnswer) =>
      ({ answer: store.run(steps, nowMs, lent) as CounterAnswer, by: 'shared' }) as const,
  };
  const engine = new Engine(
    rules.map((rule) => ({ ...rule, enabled: true })),
    { counts: { ...counts, runLocally: counts.run }, placeOf, maxGroups: Infinity },
  );
  const tallies = new Map(rules.map((rule) => [rule.name, new Tally(rule)]));
  let looked = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  for await (const event of events) {
    looked++;
    fromMs ??= event.atMs;
    toMs = event.atMs;
    const begun = engine.begin(event);
    if (begun === undefined) continue;
    for (const detection of await engine.finish(begun)) {
      tallies.get(detection.rule)?.add(detection);
      onDetection?.(detection);
    }
  }
  return { events: looked, fromMs, toMs, rules: [...tallies.values()].map((tally) => tally.report()) };
}

class Tally {
  readonly #rule: Rule;
  readonly #groups = new Map<string, { -readonly [K in keyof ReplayedGroup]: ReplayedGroup[K] }>();
  #detections = 0;
  #firstMs: number | null = null;
  #lastMs: number | null = null;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  add({ key, updated, count, detectedMs, lastMs }: Detection): void {
    if (!updated) {
      this.#detections++;
      this.#firstMs ??= detectedMs;
      this.#lastMs = detectedMs;
    }
    const known = this.#groups.get(key);
    if (known === undefined) {
      if (this.#groups.size < MAX_GROUPS)
        this.#groups.set(key, { key, detections: 1, count, firstMs: detectedMs, lastMs });
      return;
    }
    if (!updated) known.detections++;
    known.count = Math.max(known.count, count);
    known.lastMs = lastMs;
  }

  report(): ReplayedRule {
    const { name, title, severity, enabled } = this.#rule;
    const top = [...this.#groups.values()].toSorted(
      (a, b) => b.detections - a.detections || b.count - a.count,
    );
    return {
      rule: name,
      title,
      severity,
      enabled,
      detections: this.#detections,
      groups: this.#groups.size,
      top: top.slice(0, SHOWN),
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
    };
  }
}
