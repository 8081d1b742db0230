import { idTimeMs } from '../../core/id.ts';
import { MAX_LINKED } from './detection.ts';

const MAX_IDS = 100_000;

/** Remembers which events counted for which group, on this node: 50 each, 100,000 in all; the group unused longest goes. */
export class Evidence {
  readonly #groups = new Map<string, string[]>();
  #held = 0;

  /** Notes an event. */
  add(key: string, id: string): void {
    const ids = this.#groups.get(key) ?? [];
    this.#groups.delete(key);
    this.#groups.set(key, ids);
    ids.push(id);
    this.#held++;
    if (ids.length > MAX_LINKED) {
      ids.shift();
      this.#held--;
    }
    while (this.#held > MAX_IDS) this.#forgetOne();
  }

  /** Ids of a group since a time, oldest first. */
  since(key: string, fromMs: number): readonly string[] {
    return (this.#groups.get(key) ?? []).filter((id) => idTimeMs(id) >= fromMs);
  }

  /** Ids held, over all groups. */
  get size(): number {
    return this.#held;
  }

  #forgetOne(): void {
    const [key, ids] = this.#groups.entries().next().value as [string, string[]];
    this.#groups.delete(key);
    this.#held -= ids.length;
  }
}
