import type { LockoutSettings } from './options.ts';
import type { LockoutStore } from './rows.ts';

/** Slots in which attempts are summed up. */
const SLOT_MS = 10_000;
/** How long a look at the sums is good. */
const LOOK_MS = 250;
/** How long a flood is assumed after it was seen: the tighter bound itself makes failures fewer. */
const FLOOD_MS = 900_000;

/**
 * Whether a flood of failures comes from everywhere: more failures within the last minute than a house ever has, and hardly
 * a success among them. A success counts only where client group and account have had none in the window, so that
 * somebody who signs in to his own account again and again does not cover a flood.
 */
export function isFlood(
  sums: { readonly failures: number; readonly successes: number },
  settings: Pick<LockoutSettings, 'floodFailuresPerMinute' | 'floodFailureShare'>,
): boolean {
  const { failures, successes } = sums;
  return (
    failures >= settings.floodFailuresPerMinute &&
    failures / (failures + successes) >= settings.floodFailureShare
  );
}

/** Counts outcomes over all nodes: written and read at most four times a second and node. */
export class FloodGauge {
  readonly #store: LockoutStore;
  readonly #settings: LockoutSettings;
  readonly #onFlood: () => void;
  #failures = 0;
  #successes = 0;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #untilMs = 0;
  #look: Promise<void> | undefined;

  constructor(store: LockoutStore, settings: LockoutSettings, onFlood: () => void) {
    this.#store = store;
    this.#settings = settings;
    this.#onFlood = onFlood;
  }

  failed(): void {
    this.#failures += 1;
  }

  succeeded(): void {
    this.#successes += 1;
  }

  /** Whether a flood is assumed at this time. */
  async isOn(nowMs: number): Promise<boolean> {
    const stale = Math.abs(nowMs - this.#lookedAtMs) >= LOOK_MS;
    if (stale && this.#look === undefined) {
      this.#look = this.#refresh(nowMs).finally(() => {
        this.#look = undefined;
      });
      await this.#look;
    }
    return nowMs < this.#untilMs;
  }

  async #refresh(nowMs: number): Promise<void> {
    this.#lookedAtMs = nowMs;
    const added = { failures: this.#failures, successes: this.#successes };
    this.#failures = 0;
    this.#successes = 0;
    const slot = Math.floor(nowMs / SLOT_MS);
    const sums = await this.#store.press(slot, added, slot - 5);
    if (isFlood(sums, this.#settings)) {
      const isFirst = await this.#store.flood(nowMs + FLOOD_MS, nowMs);
      if (isFirst) this.#onFlood();
    }
    this.#untilMs = await this.#store.floodUntil();
  }
}
