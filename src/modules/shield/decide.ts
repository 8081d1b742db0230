import { contains, parseAddress } from '../../core/address.ts';
import type { Decider } from '../../core/decide.ts';
import { type BlockTarget, parseTarget, userIdOf } from './target.ts';
import { TRAFFIC_BLOCKER } from './traffic/blocker.ts';
import { tooMuchTraffic } from './traffic/decide.ts';
import { deny, pass, type Reason, type Refusal, type Remedy, type Scalar } from '../../core/verdict.ts';

/** Where a caller is. */
export interface PlaceFeatures {
  /** Number of the network (autonomous system). */
  readonly asn?: number;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
}

/** Who calls. */
export interface CallerFeatures {
  /** Id of the principal. */
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  readonly device?: string | undefined;
}

/** What the block list knows of a request: first where it comes from, later who sends it. */
export interface BlockFeatures extends PlaceFeatures, CallerFeatures {
  /** Client address, canonical. */
  readonly address: string;
}

/** What the list held for that caller. */
export interface BlockState {
  /** The most specific block that covers the caller, or null. */
  readonly block: BlockFacts | null;
}

/** The part of a block that a decision needs. */
export interface BlockFacts {
  readonly id: string;
  /** Canonical: `203.0.113.0/24`, `asn:64500`, `user:42`. */
  readonly target: string;
  /** Written by an operator or by an automatic response. */
  readonly reason: string;
  readonly createdBy: string;
  /** Milliseconds since the epoch; null for ever. */
  readonly expiresAtMs: number | null;
}

/** Says nothing of which block it was, of what kind, or for how long: that is for the operator. */
const BLOCKED: Refusal = {
  status: 403,
  code: 'BLOCKED',
  message: 'This request is not accepted here.',
};

/** Refuses a caller that a block in force covers. */
export const blockDecider: Decider<BlockFeatures, BlockState> = {
  name: 'blockList',
  version: 1,
  decide(features, state, nowMs) {
    const { block } = state;
    if (block === null)
      return pass({
        code: 'block.none',
        text: `No block covers ${subjectOf(features)}.`,
        values: known(features),
      });
    if (block.expiresAtMs !== null && block.expiresAtMs <= nowMs)
      return pass({
        code: 'block.expired',
        text: `The block ${block.id} of ${block.target} has expired.`,
        values: { address: features.address, target: block.target, expiresAtMs: block.expiresAtMs, nowMs },
      });
    if (!matches(block.target, features))
      return pass({
        code: 'block.other',
        text: `The block ${block.id} of ${block.target} does not cover ${subjectOf(features)}.`,
        values: { address: features.address, target: block.target },
      });
    return deny(refusalFor(block, nowMs), blockedReason(features, block, nowMs));
  },
};

/** Without what nobody knows. */
function known(features: BlockFeatures): Readonly<Record<string, Scalar>> {
  return Object.fromEntries(Object.entries(features).filter(([, value]) => value !== undefined)) as Record<
    string,
    Scalar
  >;
}

function subjectOf({ address, user, session, device }: BlockFeatures): string {
  return user ?? session ?? device ?? address;
}

/** Whoever is blocked for its traffic alone is told when to come back: an honest program then does. */
function refusalFor({ createdBy, expiresAtMs }: BlockFacts, nowMs: number): Refusal {
  if (createdBy !== TRAFFIC_BLOCKER || expiresAtMs === null) return BLOCKED;
  return tooMuchTraffic(Math.ceil((expiresAtMs - nowMs) / 1_000));
}

function blockedReason(features: BlockFeatures, block: BlockFacts, nowMs: number): Reason {
  const remedy: Remedy =
    block.expiresAtMs === null
      ? { do: 'ask', whom: 'an administrator of this site', what: `to lift the block of ${block.target}` }
      : { do: 'wait', seconds: Math.ceil((block.expiresAtMs - nowMs) / 1000) };
  return {
    code: 'block.blocked',
    text: `${subjectOf(features)} is blocked by ${block.target}: ${block.reason}`,
    values: { address: features.address, target: block.target },
    remedy,
    because: [
      {
        code: 'block.entry',
        text: `The block ${block.id} was set by ${block.createdBy}.`,
        values: { id: block.id, createdBy: block.createdBy, expiresAtMs: block.expiresAtMs },
      },
    ],
  };
}

/**
 * Whether a block of `target` would cover a caller; an address alone may be given. Mapped IPv4 forms count as IPv4; what
 * cannot be read never matches. For many callers and one target use `matcher`.
 */
export function matches(target: string, caller: BlockFeatures | string): boolean {
  return matcher(target)(caller);
}

/** `matches` with the target read once: for previews over many records. */
export function matcher(target: string): (caller: BlockFeatures | string) => boolean {
  const read = parseTarget(target);
  if (read === undefined) return () => false;
  return (caller) => covers(read, typeof caller === 'string' ? { address: caller } : caller);
}

function covers(target: BlockTarget, caller: BlockFeatures): boolean {
  switch (target.kind) {
    case 'address':
    case 'range': {
      const parsed = parseAddress(caller.address);
      return parsed !== undefined && contains(target.range, parsed);
    }
    case 'asn':
      return caller.asn === target.asn;
    case 'country':
      return caller.country === target.country;
    case 'user':
      return caller.user !== undefined && userIdOf(caller.user) === target.id;
    case 'session':
      return caller.session === target.id;
    case 'device':
      return caller.device === target.id;
  }
}
