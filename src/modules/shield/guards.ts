import type { RequestContext } from '../../core/context.ts';
import { fact, Principal } from '../../core/fact.ts';
import type { Guard, Mode } from '../../core/guard.ts';
import { isId } from '../../core/id.ts';
import { PASS, type Verdict } from '../../core/verdict.ts';
import { blockDecider, type BlockFacts, type BlockFeatures, type CallerFeatures } from './decide.ts';
import { type Entry, factsOf } from './table.ts';

/** A block that covers a request, and by what it was found. */
export interface Match {
  readonly entry: Entry;
  readonly features: BlockFeatures;
}

/** What the guards ask of the list. */
export interface GuardParts {
  readonly mode: Mode;
  /** What covers the address, by itself or by its place. */
  readonly ofAddress: (context: RequestContext) => Match | null;
  /** What covers who calls. */
  readonly ofCaller: (context: RequestContext) => Match | null;
  /** Who calls, for the record. */
  readonly caller: (context: RequestContext) => CallerFeatures;
  readonly onHit: (entry: Entry) => void;
  /** No block is held. */
  readonly isEmpty: () => boolean;
}

interface Found {
  readonly features: BlockFeatures;
  readonly block: BlockFacts;
}

const OfAddress = fact<Found>('matchedBlock');
const OfCaller = fact<Found>('matchedCallerBlock');

/** Addresses, ranges, networks and countries: before anything else is known. */
export function addressGuard(parts: GuardParts): Guard {
  return {
    name: 'blockList',
    phase: 'admit',
    mode: parts.mode,
    onError: 'deny',
    decider: blockDecider,
    check(context) {
      if (parts.isEmpty()) return PASS;
      return judge(context, parts, parts.ofAddress(context), OfAddress);
    },
    evidence(context) {
      const found = context.get(OfAddress);
      const { features = { address: context.client.address }, block = null } = found ?? {};
      return { features, state: { block }, atMs: context.nowMs };
    },
  };
}

/** Users, sessions and devices: as soon as it is known who calls. */
export function callerGuard(parts: GuardParts): Guard {
  return {
    name: 'blockList.caller',
    phase: 'authorize',
    mode: parts.mode,
    onError: 'deny',
    decider: blockDecider,
    check(context) {
      if (parts.isEmpty()) return PASS;
      return judge(context, parts, parts.ofCaller(context), OfCaller);
    },
    evidence(context) {
      const found = context.get(OfCaller);
      const features = found?.features ?? recorded(parts.caller(context), context);
      if (features === undefined) return undefined;
      return { features, state: { block: found?.block ?? null }, atMs: context.nowMs };
    },
  };
}

/**
 * What a record may say of a caller whom nothing refused, so that a block can be tried on it later. What an application
 * with a login of its own calls its session may be a secret: only ids of ours are written down.
 */
function recorded(
  { user, session, device }: CallerFeatures,
  context: RequestContext,
): BlockFeatures | undefined {
  if (user === undefined && device === undefined) return undefined;
  return {
    address: context.client.address,
    ...(user === undefined ? {} : { user }),
    ...(session === undefined || !isId('ses', session) ? {} : { session }),
    ...(device === undefined ? {} : { device }),
  };
}

function judge(
  context: RequestContext,
  parts: GuardParts,
  match: Match | null,
  slot: typeof OfAddress,
): Verdict {
  if (match === null) return PASS;
  parts.onHit(match.entry);
  const found = { features: match.features, block: factsOf(match.entry) };
  context.set(slot, found);
  return blockDecider.decide(found.features, { block: found.block }, context.nowMs);
}

/** Who calls, where nobody was named who knows better: what the principal says. */
export function callerOfPrincipal(context: RequestContext): CallerFeatures {
  const principal = context.get(Principal);
  if (principal === undefined) return NOBODY;
  const { id: user, session } = principal;
  return session === undefined ? { user } : { user, session };
}

const NOBODY: CallerFeatures = {};
