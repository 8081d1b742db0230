import type { FactorKind, Lockout } from '../contract.ts';
import type { Counter } from './counter.ts';
import type { LockoutSettings } from './options.ts';
import { streakBound } from './policy.ts';

type FactorState = Awaited<ReturnType<Lockout['state']>>[number];

/** Sums up an account's buckets by factor: the longest delay, the longest row of failures, and whether one is disabled. */
export function stateOf(
  found: readonly { readonly factor: string | null; readonly state: unknown }[],
  settings: LockoutSettings,
  nowMs: number,
): readonly FactorState[] {
  const byFactor = new Map<FactorKind, FactorState>();
  for (const { factor, state } of found) {
    if (factor === null || state === null) continue;
    const kind = factor as FactorKind;
    const counter = state as Counter;
    const before = byFactor.get(kind) ?? { factor: kind, failures: 0, blockedUntilMs: null, disabled: false };
    const until = Math.max(before.blockedUntilMs ?? 0, counter.blockedUntilMs);
    byFactor.set(kind, {
      factor: kind,
      failures: Math.max(before.failures, counter.streak),
      blockedUntilMs: until > nowMs ? until : null,
      disabled: before.disabled || counter.disabled || counter.streak >= streakBound(settings, kind),
    });
  }
  return [...byFactor.values()].toSorted((a, b) => (a.factor < b.factor ? -1 : 1));
}
