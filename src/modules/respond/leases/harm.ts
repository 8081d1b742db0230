/** How often something went well. */
export interface Rate {
  readonly good: number;
  readonly all: number;
}

/** How honest people fare: what is watched while a response acts. */
export interface Wellbeing {
  /** Sign-ins that succeeded. */
  readonly signIns: Rate;
  /** People who are signed in of whom no guard refused a request, minute by minute. */
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
  signedIn: 'people who are signed in and refused nothing',
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

/** People of one minute who are told apart; whoever comes after them is not counted. */
const MAX_PEOPLE = 20_000;

/** Counts how honest people fare, in minutes that are forgotten after half an hour. */
export class WellbeingMeter {
  readonly #minutes: { readonly minute: number; readonly counts: Record<keyof Wellbeing, Rate> }[] = [];
  /** Whether each person of the present minute fared well so far. */
  readonly #people = new Map<string, boolean>();

  /** Counts one observation. */
  count(what: 'signIns' | 'solved', good: boolean, nowMs: number): void {
    this.#add(what, good ? 1 : 0, 1, nowMs);
  }

  /**
   * Notes a request of somebody who is signed in. Each counts once a minute, however much they ask for: else one who
   * attacks under an account of their own would outweigh everybody, and have what is done against others taken back.
   */
  met(person: string, good: boolean, nowMs: number): void {
    this.#minuteOf(nowMs);
    const known = this.#people.get(person);
    if (known === undefined) {
      if (this.#people.size >= MAX_PEOPLE) return;
      this.#add('signedIn', good ? 1 : 0, 1, nowMs);
    } else if (known && !good) this.#add('signedIn', -1, 0, nowMs);
    this.#people.set(person, good && known !== false);
  }

  #add(what: keyof Wellbeing, good: number, all: number, nowMs: number): void {
    const { counts } = this.#minuteOf(nowMs);
    counts[what] = { good: counts[what].good + good, all: counts[what].all + all };
  }

  #minuteOf(nowMs: number): { readonly counts: Record<keyof Wellbeing, Rate> } {
    const minute = Math.floor(nowMs / MINUTE_MS);
    let last = this.#minutes.at(-1);
    if (last?.minute !== minute) {
      last = { minute, counts: { signIns: NONE, signedIn: NONE, solved: NONE } };
      this.#minutes.push(last);
      this.#people.clear();
      if (this.#minutes.length > KEPT_MINUTES) this.#minutes.shift();
    }
    return last;
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
