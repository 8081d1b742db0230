import { contains, parseAddress, parseCidr } from '../../core/address.ts';
import type { Decider } from '../../core/decide.ts';
import { deny, pass, type Reason, type Refusal, type Remedy } from '../../core/verdict.ts';

/** What the block list knows of a request. */
export interface BlockFeatures {
  /** Client address, canonical. */
  readonly address: string;
}

/** What the list held for that address. */
export interface BlockState {
  /** The most specific block that covers the address, or null. */
  readonly block: BlockFacts | null;
}

/** The part of a block that a decision needs. */
export interface BlockFacts {
  readonly id: string;
  /** Address or range, canonical. */
  readonly target: string;
  /** Written by an operator or by an automatic response. */
  readonly reason: string;
  readonly createdBy: string;
  /** Milliseconds since the epoch; null for ever. */
  readonly expiresAtMs: number | null;
}

/** Says nothing of which block it was, or for how long: that is for the operator. */
const BLOCKED: Refusal = {
  status: 403,
  code: 'BLOCKED',
  message: 'Requests from your network are not accepted here.',
};

/** Refuses an address that a block in force covers. */
export const blockDecider: Decider<BlockFeatures, BlockState> = {
  name: 'blockList',
  version: 1,
  decide(features, state, nowMs) {
    const { block } = state;
    if (block === null)
      return pass({
        code: 'block.none',
        text: `No block covers ${features.address}.`,
        values: { ...features },
      });
    if (block.expiresAtMs !== null && block.expiresAtMs <= nowMs)
      return pass({
        code: 'block.expired',
        text: `The block ${block.id} of ${block.target} has expired.`,
        values: { address: features.address, target: block.target, expiresAtMs: block.expiresAtMs, nowMs },
      });
    if (!matches(block.target, features.address))
      return pass({
        code: 'block.other',
        text: `The block ${block.id} of ${block.target} does not cover ${features.address}.`,
        values: { address: features.address, target: block.target },
      });
    return deny(BLOCKED, blockedReason(features.address, block, nowMs));
  },
};

function blockedReason(address: string, block: BlockFacts, nowMs: number): Reason {
  const remedy: Remedy =
    block.expiresAtMs === null
      ? { do: 'ask', whom: 'an administrator of this site', what: `to lift the block of ${block.target}` }
      : { do: 'wait', seconds: Math.ceil((block.expiresAtMs - nowMs) / 1000) };
  return {
    code: 'block.blocked',
    text: `${address} is blocked by ${block.target}: ${block.reason}`,
    values: { address, target: block.target },
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
 * Whether a block of `target` would cover `address`. Mapped IPv4 forms count as IPv4; what cannot be read never
 * matches. For many addresses and one target use `matcher`.
 */
export function matches(target: string, address: string): boolean {
  return matcher(target)(address);
}

/** `matches` with the target read once: for previews over many records. */
export function matcher(target: string): (address: string) => boolean {
  const range = target.length > 64 ? undefined : parseCidr(target);
  if (!range) return () => false;
  return (address) => {
    const parsed = parseAddress(address);
    return parsed !== undefined && contains(range, parsed);
  };
}
