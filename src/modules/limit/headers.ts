/**
 * Response fields of the limits. `RateLimit` and `RateLimit-Policy` are the structured fields (RFC 9651) of
 * draft-ietf-httpapi-ratelimit-headers-10: lists of strings (policy names) with parameters: `q` quota, `w` window in
 * seconds, `r` what remains, `t` seconds until it is restored. `X-RateLimit-Reset` is in seconds since the epoch.
 */

/** Texts of the numbers that occur in nearly every response, made when they are first asked for. */
const SMALL: string[] = Array.from({ length: 10_000 }, () => '');
/** Texts of the last epoch seconds, by their low bits. */
const SECONDS = new Float64Array(256);
const SECOND_TEXTS: string[] = Array.from({ length: 256 }, () => '0');

/** A whole number as text. */
export function digits(value: number): string {
  const known = SMALL[value];
  if (known === undefined) return String(value);
  return known === '' ? (SMALL[value] = String(value)) : known;
}

/** Milliseconds since the epoch as text in whole seconds, rounded up: never earlier than the truth. */
export function epochSeconds(atMs: number): string {
  const seconds = Math.ceil(atMs / 1000);
  const slot = seconds & 255;
  if (SECONDS[slot] !== seconds) {
    SECONDS[slot] = seconds;
    SECOND_TEXTS[slot] = String(seconds);
  }
  return SECOND_TEXTS[slot] as string;
}

/** One member of `RateLimit-Policy`: `"api";q=60;w=60`. A fraction of a second of the window is rounded up. */
export function policyItem(policy: string, max: number, windowMs: number): string {
  return `"${policy}";q=${max};w=${Math.ceil(windowMs / 1000)}`;
}

/** One member of `RateLimit`: `"api";r=59;t=60`. */
export function limitItem(policy: string, remaining: number, seconds: number): string {
  return `"${policy}";r=${digits(remaining)};t=${digits(seconds)}`;
}

/** Members of `RateLimit` that a policy keeps. */
const KEPT = 512;

/** What a policy says in the fields of responses, remembered: callers who stand alike are told alike, by one string. */
export class PolicyTexts {
  readonly #policy: string;
  readonly #windowMs: number;
  /** `remaining` and `seconds` of each kept member, one after the other; made when the first is asked for. */
  #numbers: Float64Array | null = null;
  #members: string[] = [];
  #max = NaN;
  #item = '';
  #before = '';
  #list = '';

  constructor(policy: string, windowMs: number) {
    this.#policy = policy;
    this.#windowMs = windowMs;
  }

  /** The member of `RateLimit` for these whole numbers. */
  state(remaining: number, seconds: number): string {
    const numbers = (this.#numbers ??= new Float64Array(2 * KEPT).fill(-1));
    const slot = (remaining * 7 + seconds) & (KEPT - 1);
    if (numbers[2 * slot] !== remaining || numbers[2 * slot + 1] !== seconds) {
      numbers[2 * slot] = remaining;
      numbers[2 * slot + 1] = seconds;
      this.#members[slot] = limitItem(this.#policy, remaining, seconds);
    }
    return this.#members[slot] as string;
  }

  /** `RateLimit-Policy` with the member of this policy behind those that are there already. */
  policies(before: string, max: number): string {
    if (max !== this.#max) {
      this.#max = max;
      this.#item = policyItem(this.#policy, max, this.#windowMs);
      this.#before = '';
    }
    if (before === '') return this.#item;
    if (before !== this.#before) {
      this.#before = before;
      this.#list = `${before}, ${this.#item}`;
    }
    return this.#list;
  }
}

/** The three fields of before the standard, as flat names and values. */
export function legacyHeaders(limit: number, remaining: number, resetAtMs: number): readonly string[] {
  return [
    'x-ratelimit-limit',
    digits(limit),
    'x-ratelimit-remaining',
    digits(remaining),
    'x-ratelimit-reset',
    epochSeconds(resetAtMs),
  ];
}
