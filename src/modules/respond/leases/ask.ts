import type { Lease, LeaseTarget } from './lease.ts';
import { parseLeaseTarget } from './lease.ts';
import type { ReadResponses, ReadRule } from './options.ts';

/** What a detection says to responses. */
export interface Sighting {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly group: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly updated: boolean;
  readonly address?: string;
  readonly subject?: string;
  readonly actor?: string;
}

/** A response that is wanted. */
export interface Wanted {
  readonly rule: ReadRule;
  readonly target: LeaseTarget;
  readonly mode: 'enforce' | 'shadow';
  readonly lease: Pick<
    Lease,
    'responder' | 'how' | 'reason' | 'startedBy' | 'automatic' | 'evidence' | 'ttlMs' | 'target'
  >;
}

/** What a detection asks for by the rules, or `undefined` where there is nothing to do or nobody to do it to. Pure. */
export function wantedBy(seen: Sighting, options: ReadResponses): Wanted | undefined {
  const rule = options.rules.get(seen.rule);
  if (rule === undefined || options.mode === 'off' || seen.updated) return undefined;
  const text = subjectOf(seen, rule.of);
  const target = text === undefined ? undefined : parseLeaseTarget(rule.responder, text);
  if (target === undefined) return undefined;
  return {
    rule,
    target,
    // A rule may be quieter than the house, never louder: who tries everything in shadow means everything.
    mode: options.mode === 'shadow' ? 'shadow' : (rule.mode ?? 'enforce'),
    lease: {
      responder: rule.responder,
      how: rule.how,
      target: target.text,
      reason: seen.title,
      startedBy: seen.rule,
      automatic: true,
      evidence: [seen.id, ...seen.events].slice(0, MAX_EVIDENCE),
      ttlMs: rule.ttlMs,
    },
  };
}

const MAX_EVIDENCE = 50;

function subjectOf(seen: Sighting, of: ReadRule['of']): string | undefined {
  if (of === 'address') {
    // A flood names its client as the subject, which is a prefix for IPv6.
    const named = [seen.group['network'], seen.group['address'], seen.address, seen.subject];
    return named.find((one) => one !== undefined && /^[\da-f.:]+(\/\d+)?$/i.test(one));
  }
  if (of === 'account') {
    const named = [
      seen.group['account'],
      seen.group['subject'],
      seen.group['actor'],
      seen.subject,
      seen.actor,
    ];
    const account = named.find((one) => one !== undefined && /^(user:|acc_)/.test(one));
    return account === undefined ? undefined : account.startsWith('user:') ? account : `user:${account}`;
  }
  return of;
}
