import { type Delay, type DelayRule, levelAt, lowered, NO_DELAY, raised, waitMs } from './delay.ts';

/** Somebody who was seen, and when: a short digest of the account's name. */
export type Seen = readonly [who: string, atMs: number];

/** Accounts that were tried by one client group, or with one password. */
export interface Crowd extends Delay {
  /** Tried, and no word yet how it went. */
  readonly pending: readonly Seen[];
  /** On which the last attempt failed. */
  readonly failed: readonly Seen[];
  /** On which the last attempt was right. */
  readonly succeeded: readonly Seen[];
  readonly saidAtMs: number;
}

/** What a crowd is held to. */
export interface CrowdRule extends DelayRule {
  /** Different accounts failed within `windowMs` from which delays begin. */
  readonly bound: number;
  readonly windowMs: number;
  /** Whether successes on many accounts speak for it: an office behind one address. */
  readonly credit: boolean;
}

/** A crowd of nobody. */
export const NEW_CROWD: Crowd = { ...NO_DELAY, pending: [], failed: [], succeeded: [], saidAtMs: 0 };

/** Attempts of which nothing is heard for so long stay failures. */
export const PENDING_MS = 30_000;
/** Accounts that may be in verification at once, as a multiple of the bound. */
const PENDING_FACTOR = 5;
/** Successful accounts that outweigh one failed account; and how many are remembered. */
const SUCCESSES_PER_CREDIT = 5;
const MAX_SUCCEEDED = 50;
/** Failed accounts that are remembered beyond the bound. */
const FAILED_BEYOND = 50;

const without = (list: readonly Seen[], who: string): readonly Seen[] => list.filter(([one]) => one !== who);

/** Forgets what is past, and takes attempts that never came back for failures. */
export function refreshed(crowd: Crowd, nowMs: number, rule: CrowdRule): Crowd {
  const since = nowMs - rule.windowMs;
  const lost = crowd.pending.filter(([, at]) => at <= nowMs - PENDING_MS);
  const names = new Set(lost.map(([who]) => who));
  const failed = [...crowd.failed.filter(([who]) => !names.has(who)), ...lost].filter(([, at]) => at > since);
  return {
    ...crowd,
    pending: crowd.pending.filter(([, at]) => at > nowMs - PENDING_MS),
    failed: failed.slice(-(rule.bound + FAILED_BEYOND)),
    succeeded: crowd.succeeded.filter(([, at]) => at > since).slice(-MAX_SUCCEEDED),
  };
}

/** Failed accounts that count, of a refreshed crowd. Each account speaks for the crowd once, however often it signs in. */
export function weight(crowd: Crowd, rule: CrowdRule): number {
  const credit = rule.credit ? Math.floor(crowd.succeeded.length / SUCCESSES_PER_CREDIT) : 0;
  return Math.max(0, crowd.failed.length - credit);
}

/** How long somebody of this (refreshed) crowd has to wait, milliseconds. */
export function crowdWaitMs(crowd: Crowd, who: string, nowMs: number, rule: CrowdRule): number {
  const wait = waitMs(crowd, nowMs, rule);
  if (wait > 0) return wait;
  const others = without(crowd.pending, who).length - crowd.succeeded.length;
  return others >= rule.bound * PENDING_FACTOR ? 1_000 : 0;
}

/** Whether the crowd is under suspicion: every further attempt then costs a delay before it is verified. */
function suspect(crowd: Crowd, nowMs: number, rule: CrowdRule): boolean {
  return levelAt(crowd, nowMs, rule) > 0 || weight(crowd, rule) >= rule.bound;
}

/** Notes that an attempt begins, in a refreshed crowd. */
export function crowdBegan(crowd: Crowd, who: string, nowMs: number, rule: CrowdRule): Crowd {
  const pending: readonly Seen[] = [...without(crowd.pending, who), [who, nowMs]];
  return { ...crowd, ...(suspect(crowd, nowMs, rule) ? raised(crowd, nowMs, rule) : {}), pending };
}

/** Notes a failure, in a refreshed crowd. The failure that reaches the bound imposes the first delay. */
export function crowdFailed(crowd: Crowd, who: string, nowMs: number, rule: CrowdRule): Crowd {
  const next: Crowd = {
    ...crowd,
    pending: without(crowd.pending, who),
    failed: [...without(crowd.failed, who), [who, nowMs]],
    succeeded: without(crowd.succeeded, who),
  };
  const first = levelAt(crowd, nowMs, rule) === 0 && weight(next, rule) >= rule.bound;
  return first ? { ...next, ...raised(next, nowMs, rule) } : next;
}

/** Notes that an attempt begun at `atMs` was right, in a refreshed crowd. */
export function crowdSucceeded(
  crowd: Crowd,
  who: string,
  atMs: number,
  nowMs: number,
  rule: CrowdRule,
): Crowd {
  return {
    ...crowd,
    ...lowered(crowd, atMs, rule),
    pending: without(crowd.pending, who),
    failed: without(crowd.failed, who),
    succeeded: [...without(crowd.succeeded, who), [who, nowMs] as const].slice(-MAX_SUCCEEDED),
  };
}
