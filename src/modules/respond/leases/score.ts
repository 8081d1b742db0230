/** What is counted of one client. */
export interface ScoreFeatures {
  /** Sign-ins that failed within the quarter of an hour. */
  readonly failedLogins: number;
  /** Requests within the last minute. */
  readonly requests: number;
  /** Answers within the quarter of an hour, and those of them that were errors. */
  readonly answers: number;
  readonly errors: number;
  /** Signed in from another country than before within the quarter of an hour. */
  readonly moved: boolean;
}

/** One factor of a score: its share of the most it can be, 0 to 1. */
export interface ScoreFactor {
  readonly name: 'failed-logins' | 'rapid-requests' | 'error-rate' | 'change-of-place';
  readonly value: number;
}

const MANY_FAILED = 5;
const USUAL_PER_MINUTE = 60;
const RAPID_PER_MINUTE = 300;
const LEAST_ANSWERS = 10;
/** A share of errors that people have by chance says nothing. */
const USUAL_ERRORS = 0.2;

/** The four factors of a client. Pure. */
export function scoreFactors(seen: ScoreFeatures): readonly ScoreFactor[] {
  const errors = seen.answers < LEAST_ANSWERS ? 0 : seen.errors / seen.answers;
  return [
    { name: 'failed-logins', value: within(seen.failedLogins / MANY_FAILED) },
    {
      name: 'rapid-requests',
      value: within((seen.requests - USUAL_PER_MINUTE) / (RAPID_PER_MINUTE - USUAL_PER_MINUTE)),
    },
    { name: 'error-rate', value: within((errors - USUAL_ERRORS) / (1 - USUAL_ERRORS)) },
    { name: 'change-of-place', value: seen.moved ? 1 : 0 },
  ];
}

/** Mean of the factors, 0 to 1. Pure. */
export function scoreOf(seen: ScoreFeatures): number {
  const factors = scoreFactors(seen);
  return factors.reduce((sum, { value }) => sum + value, 0) / factors.length;
}

function within(value: number): number {
  return Math.min(1, Math.max(0, value));
}

interface Row {
  windowMs: number;
  minute: number;
  requests: number;
  failedLogins: number;
  answers: number;
  errors: number;
  moved: boolean;
}

const WINDOW_MS = 900_000;
const MINUTE_MS = 60_000;

/** Counts what scores look at, by client, on this node; at most `maxClients`, the longest unseen of whom are forgotten. */
export class ScoreKeeper {
  readonly #rows = new Map<string, Row>();
  readonly #countries = new Map<string, string>();
  readonly #maxClients: number;

  constructor(maxClients = 20_000) {
    this.#maxClients = maxClients;
  }

  /** Counts an answer. */
  answered(client: string, isError: boolean, nowMs: number): void {
    const row = this.#row(client, nowMs);
    row.requests++;
    row.answers++;
    if (isError) row.errors++;
  }

  /** Counts a sign-in that failed. */
  failedLogin(client: string, nowMs: number): void {
    this.#row(client, nowMs).failedLogins++;
  }

  /** Notes from where an account signed in. */
  signedIn(account: string, client: string, country: string | undefined, nowMs: number): void {
    if (country === undefined) return;
    const before = this.#countries.get(account);
    this.#countries.delete(account);
    this.#countries.set(account, country);
    forgetOldest(this.#countries, this.#maxClients);
    if (before !== undefined && before !== country) this.#row(client, nowMs).moved = true;
  }

  /** Score of a client, 0 to 1; 0 for one who was not seen. */
  scoreOf(client: string, nowMs: number): number {
    const row = this.#rows.get(client);
    if (row === undefined || nowMs - row.windowMs >= WINDOW_MS) return 0;
    return scoreOf({ ...row, requests: row.minute === Math.floor(nowMs / MINUTE_MS) ? row.requests : 0 });
  }

  #row(client: string, nowMs: number): Row {
    let row = this.#rows.get(client);
    if (row === undefined || nowMs - row.windowMs >= WINDOW_MS)
      row = { windowMs: nowMs, minute: 0, requests: 0, failedLogins: 0, answers: 0, errors: 0, moved: false };
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (row.minute !== minute) {
      row.minute = minute;
      row.requests = 0;
    }
    this.#rows.delete(client);
    this.#rows.set(client, row);
    forgetOldest(this.#rows, this.#maxClients);
    return row;
  }
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  if (map.size > most) map.delete(map.keys().next().value as string);
}
