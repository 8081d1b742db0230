import type { ClientFacts } from '../request.ts';
import { agentOf } from '../session/agent.ts';

/** What a client lets us see of itself, coarsely. */
export interface Signals {
  /** Browser family, such as `Firefox`. */
  readonly family: string;
  /** Operating system, such as `Windows`. */
  readonly platform: string;
  /** Primary language, such as `en`; null where it was not said. */
  readonly language: string | null;
  /** IANA name; null where it was not said. */
  readonly timezone: string | null;
}

/** What may differ, and how much it says; from `BOUND` on the device is another one. */
const WEIGHTS = { browser: 2, platform: 2, language: 1, timezone: 1 } as const;
const BOUND = 2;

/** Signals of a request; whatever is longer than names are is not looked at. */
export function signalsOf(facts: ClientFacts): Signals {
  const { family, platform } = agentOf(facts.userAgent, facts.platform);
  return { family, platform, language: languageOf(facts.language), timezone: timezoneOf(facts.timezone) };
}

/** The first language of Accept-Language (RFC 9110 §12.5.4), without region. */
function languageOf(header: string | undefined): string | null {
  const found = /^\s*([a-z]{2,8})(?=[\s,;-]|$)/i.exec((header ?? '').slice(0, 40));
  return found?.[1]?.toLowerCase() ?? null;
}

function timezoneOf(said: string | undefined): string | null {
  return said !== undefined && /^[A-Za-z][\w+/-]{1,63}$/.test(said) ? said : null;
}

/**
 * Compares signals. Browser family and platform weigh 2, language and time zone 1 each; from 2 on it is another device: a
 * new browser, a new system, or language and time zone at once. Versions are not among the signals, so that an update
 * changes nothing; what one of both did not say does not count.
 */
export function compare(
  before: Signals,
  now: Signals,
): { readonly fits: boolean; readonly differs: readonly string[] } {
  const differs: (keyof typeof WEIGHTS)[] = [];
  if (before.family !== now.family) differs.push('browser');
  if (before.platform !== now.platform) differs.push('platform');
  if (isOther(before.language, now.language)) differs.push('language');
  if (isOther(before.timezone, now.timezone)) differs.push('timezone');
  const score = differs.reduce((sum, name) => sum + WEIGHTS[name], 0);
  return { fits: score < BOUND, differs };
}

function isOther(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}
