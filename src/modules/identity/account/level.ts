import type { AssuranceLevel, FactorKind, FactorSummary, SessionScope } from '../contract.ts';

/**
 * How sure proven factors make us (NIST SP 800-63B-4, 2.2): two different ones, or a passkey that verified its user.
 * A one-time code by mail never raises the level (ASVS 6.3.6).
 */
export function levelOf(proven: readonly FactorKind[], userVerified: boolean): AssuranceLevel {
  const kinds = new Set(proven.filter((kind) => kind !== 'email'));
  const second = [...kinds].some((kind) => kind !== 'password');
  return (second && kinds.has('password')) || (userVerified && kinds.has('passkey')) ? 2 : 1;
}

/** Whether a second factor is enrolled, even one that is disabled: a disabled one must not open the door. */
export function hasSecondFactor(summary: FactorSummary): boolean {
  return summary.totp !== null || summary.sms !== null || summary.passkeys.length > 0;
}

/** Whether one would still be enrolled without those of a kind, or without one passkey. */
export function hasOtherThan(summary: FactorSummary, kind: 'totp' | 'sms' | 'passkey', id?: string): boolean {
  const passkeys = summary.passkeys.filter((passkey) =>
    kind === 'passkey' ? id !== undefined && passkey.id !== id : true,
  );
  return (
    (kind !== 'totp' && summary.totp !== null) ||
    (kind !== 'sms' && summary.sms !== null) ||
    passkeys.length > 0
  );
}

/** What a session may reach: a new password comes first, then a second factor where roles demand one. */
export function scopeOf(given: {
  readonly mustReset: boolean;
  readonly enforced: boolean;
  readonly secondFactor: boolean;
}): SessionScope {
  if (given.mustReset) return 'reset';
  return given.enforced && !given.secondFactor ? 'enrol' : 'full';
}

/** Whether any of an account's roles demands a second factor. */
export function isEnforced(roles: readonly string[], enforcing: readonly string[]): boolean {
  return roles.some((role) => enforcing.includes(role));
}
