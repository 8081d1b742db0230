/**
 * Response fields of the limits. `RateLimit` and `RateLimit-Policy` are the structured fields (RFC 9651) of
 * draft-ietf-httpapi-ratelimit-headers-10: lists of strings (policy names) with parameters: `q` quota, `w` window in
 * seconds, `r` what remains, `t` seconds until it is restored. `X-RateLimit-Reset` is in seconds since the epoch.
 */

/** Texts of the numbers that occur in nearly every response. */
const SMALL = Array.from({ length: 1024 }, (_, i) => String(i));
/** Texts of the last epoch seconds, by their low bits. */
const SECONDS = new Float64Array(256);
const SECOND_TEXTS: string[] = Array.from({ length: 256 }, () => '0');

/** A whole number as text. */
export function digits(value: number): string {
  return SMALL[value] ?? String(value);
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
