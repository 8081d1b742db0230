import { createHmac } from 'node:crypto';
import type { Attempt } from '../contract.ts';
import { purposeKey } from './names.ts';
import { type Plan, type Role, SPRAY_MS } from './policy.ts';

/** Where a bucket stands. */
export interface Place {
  readonly role: Role;
  readonly key: string;
  readonly accountKey: string | null;
  readonly factor: string | null;
}

/** Names of an attempt's buckets. */
export interface AttemptKeys {
  /** Sorted by key: the order in which they are locked. */
  readonly places: readonly Place[];
  /** Short digest of the account's counting name, for crowds. */
  readonly member: string;
  /** What a ticket is bound to. */
  readonly bound: string;
}

/** Longest texts that are looked at: whatever is beyond cannot tell attempts apart. */
const MAX_TEXT = 512;
const MAX_SECRET = 1_024;

/** Makes the keyed digests that stand in the tables. */
export function attemptKeys(secret: Uint8Array): (attempt: Attempt, plan: Plan, atMs: number) => AttemptKeys {
  const rowKey = purposeKey(secret, 'lockout rows');
  const sprayKey = purposeKey(secret, 'lockout spray');
  const digest = (key: Buffer, parts: readonly string[]): string =>
    createHmac('sha256', key)
      .update(JSON.stringify(parts.map((part) => part.slice(0, MAX_SECRET))))
      .digest('base64url')
      .slice(0, 32);
  return (attempt, plan, atMs) => {
    const { factor, facts } = attempt;
    const name = attempt.accountKey.slice(0, MAX_TEXT);
    const place = (role: Role, parts: readonly string[], ofAccount: boolean): Place => ({
      role,
      key: `${role}:${digest(rowKey, [role, ...parts])}`,
      accountKey: ofAccount ? name : null,
      factor: ofAccount ? factor : null,
    });
    const places: Place[] = plan.counters.map((role) => {
      if (role === 'account') return place(role, [name, factor, attempt.authenticator ?? ''], true);
      const by = role === 'pair' ? facts.group : (attempt.knownDevice ?? '');
      return place(role, [name, factor, by.slice(0, MAX_TEXT)], true);
    });
    places.push(place('group', [facts.group.slice(0, MAX_TEXT)], false));
    if (plan.crowds && factor === 'password' && attempt.secret !== undefined) {
      // The hour keys the digest: what is kept can be compared within the hour, and never with anything older.
      const hour = digest(sprayKey, [String(Math.floor(atMs / SPRAY_MS))]);
      const tried = digest(Buffer.from(hour), [attempt.secret]);
      places.push({ role: 'spray', key: `spray:${tried}`, accountKey: null, factor: null });
    }
    return {
      places: places.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      member: digest(rowKey, ['member', name]).slice(0, 12),
      bound: digest(rowKey, ['bound', name, factor, attempt.authenticator ?? '', attempt.knownDevice ?? '']),
    };
  };
}
