import { BusiestKeys } from './busiest.ts';
import { RateCounts } from './histogram.ts';

/** What this node saw of one policy since it started. */
export class Watch {
  /** Requests that the policy let through. */
  passed = 0;
  /** Requests that it refused, or in shadow mode would have refused. */
  refused = 0;
  readonly busiest: BusiestKeys;
  readonly rates: RateCounts;

  constructor(windowMs: number) {
    this.busiest = new BusiestKeys(windowMs);
    this.rates = new RateCounts(windowMs);
  }

  /** A request asked for `key`. */
  saw(key: string, nowMs: number): void {
    this.busiest.saw(key, nowMs);
    this.rates.saw(key, nowMs);
  }
}
