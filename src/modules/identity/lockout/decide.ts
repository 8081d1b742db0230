import { type Counter, counted, forgiven, NEW_COUNTER } from './counter.ts';
import {
  type Crowd,
  crowdBegan,
  crowdFailed,
  crowdSucceeded,
  crowdWaitMs,
  type CrowdRule,
  NEW_CROWD,
  refreshed,
} from './crowd.ts';
import { levelAt, waitMs } from './delay.ts';
import type { Plan, Rules } from './policy.ts';

/** Buckets of an attempt, as they are or as they shall be. What is absent has counted nothing, or takes no part. */
export interface Held {
  readonly pair?: Counter;
  readonly account?: Counter;
  readonly device?: Counter;
  readonly group?: Crowd;
  readonly spray?: Crowd;
}

/** Who attempts: the account as counters know it, and as crowds do. */
export interface Who {
  /** Id of the account, or `-` where there is none. */
  readonly account: string;
  /** Short digest of its counting name. */
  readonly member: string;
}

/** Whether an attempt has leave; and if so, its buckets with the attempt counted as a failure. */
export type Decision =
  | { readonly kind: 'leave'; readonly next: Held }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'disabled' };

/** At most this often is one thing said again. */
const SAY_AGAIN_MS = 900_000;
const NOTIFY_AGAIN_MS = 86_400_000;

/** Whether an attempt may be verified. Refused attempts count nothing, so that waiting is of use. */
export function decide(held: Held, who: Who, plan: Plan, rules: Rules, nowMs: number): Decision {
  const wait = longestWait(held, who, plan, rules, nowMs);
  if (wait > 0) return { kind: 'wait', waitMs: wait };
  const streak = plan.streaks === undefined ? undefined : (held[plan.streaks] as Counter | undefined);
  if (streak !== undefined && (streak.disabled || streak.streak >= plan.streakBound))
    return { kind: 'disabled' };
  const next: { -readonly [K in keyof Held]: Held[K] } = {};
  for (const role of plan.counters) {
    const rule = plan.delays.has(role) ? rules[role] : undefined;
    next[role] = counted(held[role] ?? NEW_COUNTER, who.account, nowMs, rule);
  }
  if (plan.crowds) {
    const group = refreshed(held.group ?? NEW_CROWD, nowMs, rules.group);
    next.group = crowdBegan(group, who.member, nowMs, rules.group);
    if (held.spray !== undefined) {
      const spray = refreshed(held.spray, nowMs, rules.spray);
      // A right password leaves no trace here: only failures are noted, once they are known.
      next.spray = { ...crowdBegan(spray, who.member, nowMs, rules.spray), pending: [] };
    }
  }
  return { kind: 'leave', next };
}

function longestWait(held: Held, who: Who, plan: Plan, rules: Rules, nowMs: number): number {
  let longest = 0;
  for (const role of plan.counters) {
    const counter = held[role];
    if (counter === undefined || !plan.delays.has(role)) continue;
    longest = Math.max(longest, waitMs(counter, nowMs, rules[role]));
  }
  for (const role of ['group', 'spray'] as const) {
    const crowd = plan.crowds ? held[role] : undefined;
    if (crowd === undefined) continue;
    const rule = rules[role];
    // Who tries one password on many accounts is known by failures alone; a crowd in verification says nothing there.
    const wait =
      role === 'spray'
        ? waitMs(crowd, nowMs, rule)
        : crowdWaitMs(refreshed(crowd, nowMs, rule), who.member, nowMs, rule);
    longest = Math.max(longest, wait);
  }
  return longest;
}

/** The attempt that was counted at `atMs` was right. */
export function settleSuccess(
  held: Held,
  who: Who,
  plan: Plan,
  rules: Rules,
  atMs: number,
  nowMs: number,
): { readonly next: Held; readonly newcomer: boolean } {
  const next: { -readonly [K in keyof Held]: Held[K] } = {};
  for (const role of plan.counters) {
    const rule = plan.delays.has(role) ? rules[role] : undefined;
    next[role] = forgiven(held[role] ?? NEW_COUNTER, who.account, atMs, rule);
  }
  const group = refreshed(held.group ?? NEW_CROWD, nowMs, rules.group);
  const newcomer = !group.succeeded.some(([one]) => one === who.member);
  next.group = crowdSucceeded(group, who.member, atMs, nowMs, rules.group);
  return { next, newcomer };
}

/** What a failure brings about. */
export interface Consequences {
  readonly next: Held;
  readonly disabled: boolean;
  readonly notifyOwner: boolean;
  /** To be said: the account is delayed, the group is stuffing, the password is sprayed. */
  readonly say: readonly ('delayed' | 'stuffing' | 'spray')[];
}

/** The attempt that was counted already was wrong. */
export function settleFailure(held: Held, who: Who, plan: Plan, rules: Rules, nowMs: number): Consequences {
  const next: { -readonly [K in keyof Held]: Held[K] } = { ...held };
  const say: Consequences['say'][number][] = [];
  const streak = plan.streaks as 'account' | 'device' | undefined;
  const authenticator = streak === undefined ? undefined : held[streak];
  const disabled =
    authenticator !== undefined && !authenticator.disabled && authenticator.streak >= plan.streakBound;
  if (disabled && streak !== undefined) next[streak] = { ...authenticator, disabled: true };
  const notifyOwner = tellOwner(next, plan, rules, nowMs, say);
  if (plan.crowds) {
    next.group = crowdAfter(held.group, who.member, rules, 'group', nowMs);
    if (!rules.flood && due(next.group, rules.group, nowMs)) {
      next.group = { ...next.group, saidAtMs: nowMs };
      say.push('stuffing');
    }
    if (held.spray !== undefined) {
      next.spray = crowdAfter(held.spray, who.member, rules, 'spray', nowMs);
      if (next.spray.saidAtMs === 0 && next.spray.level > 0) {
        next.spray = { ...next.spray, saidAtMs: nowMs };
        say.push('spray');
      }
    }
  }
  return { next, disabled, notifyOwner, say };
}

function crowdAfter(
  crowd: Crowd | undefined,
  member: string,
  rules: Rules,
  role: 'group' | 'spray',
  nowMs: number,
): Crowd {
  return crowdFailed(refreshed(crowd ?? NEW_CROWD, nowMs, rules[role]), member, nowMs, rules[role]);
}

function due(crowd: Crowd, rule: CrowdRule, nowMs: number): boolean {
  return levelAt(crowd, nowMs, rule) > 0 && nowMs - crowd.saidAtMs >= SAY_AGAIN_MS;
}

/** The owner hears of delays that strangers impose on the account, at most once a day; the events every 15 minutes. */
function tellOwner(
  next: { account?: Counter },
  plan: Plan,
  rules: Rules,
  nowMs: number,
  say: Consequences['say'][number][],
): boolean {
  const { account } = next;
  if (account === undefined || !plan.delays.has('account')) return false;
  if (levelAt(account, nowMs, rules.account) === 0) return false;
  const notify = nowMs - account.notifiedAtMs >= NOTIFY_AGAIN_MS;
  const event = nowMs - account.saidAtMs >= SAY_AGAIN_MS;
  if (event) say.push('delayed');
  next.account = {
    ...account,
    notifiedAtMs: notify ? nowMs : account.notifiedAtMs,
    saidAtMs: event ? nowMs : account.saidAtMs,
  };
  return notify;
}

/** Time that says of a row when it may go. */
const DAY_MS = 86_400_000;
/** Disabled stays until somebody clears it. */
export const NEVER_MS = 253_402_300_799_000;

/**
 * When a counter says nothing any more: its delays have decayed, and its failures in a row are forgotten, n of them after
 * n days and at most 30, so that whoever waits for that gets one guess a day.
 */
export function counterExpiry(counter: Counter, nowMs: number, windowMs: number): number {
  if (counter.disabled && counter.who !== '-') return NEVER_MS;
  const delays = Math.max(nowMs, counter.blockedUntilMs) + (counter.level + 1) * windowMs;
  const told = Math.max(counter.notifiedAtMs > 0 ? counter.notifiedAtMs + NOTIFY_AGAIN_MS : 0, delays);
  return Math.max(told, nowMs + Math.min(counter.streak, 30) * DAY_MS);
}

/** When a crowd says nothing any more. */
export function crowdExpiry(crowd: Crowd, nowMs: number, windowMs: number): number {
  return Math.max(nowMs, crowd.blockedUntilMs) + (crowd.level + 1) * windowMs;
}
