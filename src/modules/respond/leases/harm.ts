/** How often something went well. */
export interface Rate {
  readonly good: number;
  readonly all: number;
}

/** How honest people fare: what is watched while a response acts. */
export interface Wellbeing {
  /** Sign-ins that succeeded. */
  readonly signIns: Rate;
  /** Requests of people who are signed in that were answered without an error. */
  readonly signedIn: Rate;
  /** Challenges that were solved, of those shown. */
  readonly solved: Rate;
}

/** What counts as harm. */
export interface HarmRules {
  /** Fall of a ratio that counts, 0 to 1. */
  readonly fall: number;
  /** Observations on either side from which on a ratio says something. */
  readonly least: number;
}

const WORDS = {
  signIns: 'sign-ins that succeed',
  signedIn: 'requests of people who are signed in that succeed',
  solved: 'challenges that are solved',
} as const;
/** Standard deviations that a fall must measure: chance alone exceeds it once in some thousand looks. */
const DEVIATIONS = 3.3;

/** Why honest people seem to be harmed since a response acts, or `undefined`. Pure. */
export function harmOf(before: Wellbeing, since: Wellbeing, rules: HarmRules): string | undefined {
  for (const name of ['signIns', 'signedIn', 'solved'] as const) {
    const [was, is] = [before[name], since[name]];
    if (was.all < rules.least || is.all < rules.least) continue;
    const fall = was.good / was.all - is.good / is.all;
    if (fall <= rules.fall) continue;
    const pooled = (was.good + is.good) / (was.all + is.all);
    const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / was.all + 1 / is.all));
    if (fall > DEVIATIONS * deviation)
      return `The share of ${WORDS[name]} fell from ${share(was)} to ${share(is)}.`;
  }
  return undefined;
}

function share({ good, all }: Rate): string {
  return `${Math.round((good / all) * 100)} %`;
}

const NONE: Rate = { good: 0, all: 0 };

/** Counts how honest people fare, in minutes that are forgotten after half an hour. */
export class WellbeingMeter {
  readonly #minutes: { readonly minute: number; readonly counts: Record<keyof Wellbeing, Rate> }[] = [];

  /** Counts one observation. */
  count(what: keyof Wellbeing, good: boolean, nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    let last = this.#minutes.at(-1);
    if (last?.minute !== minute) {
      last = { minute, counts: { signIns: NONE, signedIn: NONE, solved: NONE } };
      this.#minutes.push(last);
      if (this.#minutes.length > KEPT_MINUTES) this.#minutes.shift();
    }
    const { good: was, all } = last.counts[what];
    last.counts[what] = { good: was + (good ? 1 : 0), all: all + 1 };
  }

  /** The half hour before a time, and what came since, by whole minutes: the minute of the time itself counts for neither. */
  around(atMs: number): { readonly before: Wellbeing; readonly since: Wellbeing } {
    const minute = Math.floor(atMs / MINUTE_MS);
    return {
      before: this.#sum((one) => one < minute),
      since: this.#sum((one) => one > minute),
    };
  }

  #sum(wanted: (minute: number) => boolean): Wellbeing {
    const sum = { signIns: NONE, signedIn: NONE, solved: NONE };
    for (const { minute, counts } of this.#minutes) {
      if (!wanted(minute)) continue;
      for (const name of ['signIns', 'signedIn', 'solved'] as const) {
        const { good, all } = counts[name];
        sum[name] = { good: sum[name].good + good, all: sum[name].all + all };
      }
    }
    return sum;
  }
}

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 30;
