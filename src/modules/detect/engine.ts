import type { RampartEvent } from '../../core/events.ts';
import type { CounterStep, LentAnswer } from '../../ports/counter.ts';
import { decide } from './decide.ts';
import { type Detection, detectionOf } from './detection.ts';
import { Evidence } from './evidence.ts';
import { type Features, featuresOf, isDetection } from './features.ts';
import type { PlaceOf } from './fields.ts';
import type { Rule } from './rule.ts';
import type { Counted, SharedCounts } from './shared.ts';
import { PATTERN_ARG } from './state/pattern.ts';

/** Columns and steps of one call of the store at most; an event that many rules look at takes several. */
const MAX_COLUMNS = 2_000;
const MAX_STEPS = 60;
/** Groups are admitted anew after this time. */
const ROUND_MS = 600_000;

/** Detections whose way into the journal is watched; of more than these, the oldest are told again. */
const MAX_UNTOLD = 10_000;

/** What was begun for an event; its detections come once the store has answered. */
export interface Begun {
  readonly parts: readonly (readonly Detection[] | Promise<readonly Detection[]>)[];
}

/**
 * Looks at events with all rules: the same for those that happen and for those that are replayed. Events are begun in
 * order and finished in the same order; nothing is waited for between two beginnings.
 */
export class Engine {
  readonly #byType = new Map<string, readonly Rule[]>();
  readonly #everywhere: readonly Rule[];
  readonly #rules: readonly Rule[];
  readonly #counts: Pick<SharedCounts, 'run' | 'runLocally'>;
  readonly #placeOf: PlaceOf | undefined;
  readonly #evidence = new Evidence();
  readonly #maxGroups: number;
  readonly #confirms: boolean;
  readonly #untold = new Map<string, { readonly step: CounterStep; readonly by: Counted['by'] }>();
  readonly #groups = new Set<string>();
  readonly #lent: LentAnswer = { granted: false, atMs: 0, rows: new Float64Array(MAX_COLUMNS), at: 0 };
  #roundMs = 0;

  constructor(
    rules: readonly Rule[],
    parts: {
      readonly counts: Pick<SharedCounts, 'run' | 'runLocally'>;
      readonly placeOf?: PlaceOf | undefined;
      readonly maxGroups: number;
      /** Whether `told` is called of every detection; those of which it is not are found again. */
      readonly confirms?: boolean | undefined;
    },
  ) {
    this.#rules = rules.filter((rule) => rule.enabled);
    this.#everywhere = this.#rules.filter((rule) => rule.on === '*');
    this.#counts = parts.counts;
    this.#placeOf = parts.placeOf;
    this.#maxGroups = parts.maxGroups;
    this.#confirms = parts.confirms ?? false;
  }

  /** Begins to look at an event. @returns `undefined` where no rule does */
  begin(event: RampartEvent): Begun | undefined {
    if (isDetection(event)) return undefined;
    const features: Features[] = [];
    for (const rule of this.#rulesOf(event.type)) {
      const found = featuresOf(rule, event, this.#placeOf);
      if (found !== undefined) features.push(found);
    }
    if (features.length === 0) return undefined;
    const { admitted, rest } = this.#admit(features, event.atMs);
    const parts = chunks(admitted).map((part) => {
      this.#lent.at = 0;
      const counted = this.#counts.run(part.map(stepOf), event.atMs, this.#lent);
      if (!(counted instanceof Promise)) return this.#settle(event, part, counted);
      const settled = counted.then((late) => this.#settle(event, part, late));
      // Whoever finishes hears of a failure; until then it is nobody's.
      settled.catch(() => undefined);
      return settled;
    });
    for (const part of chunks(rest))
      parts.push(this.#settle(event, part, this.#counts.runLocally(part.map(stepOf), event.atMs)));
    return { parts };
  }

  /** What an event has led to. To be called in the order of the beginnings. */
  async finish({ parts }: Begun): Promise<readonly Detection[]> {
    const found: Detection[] = [];
    for (const part of parts) found.push(...(part instanceof Promise ? await part : part));
    return found;
  }

  /** A detection's event is written down: no node need tell it again. */
  told({ details, atMs }: RampartEvent): void {
    const id = String(details?.['detection']);
    const one = this.#untold.get(id);
    if (one === undefined) return;
    this.#untold.delete(id);
    // Where nothing answers it is told again, under the same id.
    if (one.by === 'local') this.#counts.runLocally([one.step], atMs);
    else void this.#counts.run([one.step], atMs);
  }

  #settle(event: RampartEvent, features: readonly Features[], { answer, by }: Counted): readonly Detection[] {
    const found: Detection[] = [];
    let at = answer.at ?? 0;
    for (const one of features) {
      if (one.counted) this.#evidence.add(one.key, event.id);
      const seen = decide(one, answer.rows, answer.atMs, at);
      const decision = this.#confirms && seen.isOverdue ? { ...seen, kind: 'detected' as const } : seen;
      at += one.program.columns;
      if (decision.kind === 'quiet') continue;
      const events = this.#evidence.since(one.key, decision.firstMs);
      const detection = detectionOf(one, decision, event, { events, countedBy: by });
      found.push(detection);
      if (decision.kind === 'detected') this.#watch(detection, one, by);
    }
    return found;
  }

  #watch({ id, detectedMs }: Detection, features: Features, by: Counted['by']): void {
    if (!this.#confirms) return;
    for (const oldest of this.#untold.keys()) {
      if (this.#untold.size < MAX_UNTOLD) break;
      this.#untold.delete(oldest);
    }
    const args = features.args.with(PATTERN_ARG.at, -detectedMs);
    this.#untold.set(id, { step: stepOf({ ...features, args }), by });
  }

  #rulesOf(type: string): readonly Rule[] {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    const rules = this.#rules.filter((rule) => rule.on === '*' || rule.on.includes(type));
    // Types that no rule names need no entry of their own: whoever makes up types could fill the map.
    if (rules.length === this.#everywhere.length) return this.#everywhere;
    this.#byType.set(type, rules);
    return rules;
  }

  /** A flood of made-up groups fills this node's memory, which forgets, and not the store of all nodes. */
  #admit(
    features: readonly Features[],
    atMs: number,
  ): { readonly admitted: readonly Features[]; readonly rest: readonly Features[] } {
    if (Math.abs(atMs - this.#roundMs) >= ROUND_MS) {
      this.#roundMs = atMs;
      this.#groups.clear();
    }
    const rest: Features[] = [];
    const admitted = features.filter((one) => {
      if (this.#groups.has(one.key)) return true;
      if (this.#groups.size >= this.#maxGroups) {
        rest.push(one);
        return false;
      }
      this.#groups.add(one.key);
      return true;
    });
    return { admitted, rest };
  }
}

function stepOf({ program, key, args }: Features): CounterStep {
  return { program, key: `detect|${key}`, args };
}

function chunks(features: readonly Features[]): readonly (readonly Features[])[] {
  const found: Features[][] = [];
  let columns = MAX_COLUMNS;
  for (const one of features) {
    columns += one.program.columns;
    if (columns > MAX_COLUMNS || (found.at(-1)?.length ?? 0) >= MAX_STEPS) {
      found.push([]);
      columns = one.program.columns;
    }
    (found.at(-1) as Features[]).push(one);
  }
  return found;
}
