import type { RequestContext } from '../../../core/context.ts';
import type { Decider, Evidence } from '../../../core/decide.ts';
import { Clearance, fact, RiskScore } from '../../../core/fact.ts';
import type { Guard, Phase, RouteInfo } from '../../../core/guard.ts';
import { keyedHash } from '../../../core/hash.ts';
import { OptionsError } from '../../../core/errors.ts';
import { PASS, type Verdict } from '../../../core/verdict.ts';
import type { LeaseBook } from './book.ts';
import {
  addressDecider,
  type AddressFeatures,
  callerDecider,
  type CallerFeatures,
  type LeaseFacts,
  type Place,
} from './decide.ts';
import type { Lease } from './lease.ts';
import type { ScoreKeeper } from './score.ts';

/** Payments are frozen for this caller: set where the route takes none either, for handlers that pay on the side. */
export const PaymentsFrozen = fact<true>('paymentsFrozen');

/** Whether this caller may pay at present: for routes without the setting `payments`. */
export function paymentsOpen(context: RequestContext): boolean {
  return context.get(PaymentsFrozen) === undefined;
}

/** Who calls, as far as the house knows. */
export interface ResponseCaller {
  /** Id of the account or principal, without `user:`; null for nobody. */
  readonly user: string | null;
  readonly isAdmin: boolean;
  readonly isOperator: boolean;
  /** When a factor was proven last, milliseconds since the epoch; null where nobody knows. */
  readonly provenAtMs: number | null;
  /** Signed in for so long that no attacker made this up. */
  readonly isGood: boolean;
}

/** What the guards stand on. */
export interface ResponseGuardPorts {
  readonly book: LeaseBook;
  /** Asked only while something acts that is about callers, and once per request. */
  readonly callerOf: (context: RequestContext) => ResponseCaller;
  readonly placeOf: (context: RequestContext) => Place;
  /** Whether a challenge can be shown at all; without one, what would challenge refuses. */
  readonly canChallenge: () => boolean;
  /** Scores callers for adaptive limits; absent: only responses do. */
  readonly score?: ScoreKeeper;
}

interface Asked<F> {
  readonly features: F;
  readonly leases: readonly LeaseFacts[];
}

const AskedAddress = fact<Asked<AddressFeatures>>('responsesAddress');
const AskedProof = fact<Asked<AddressFeatures>>('responsesProof');
const AskedCaller = fact<Asked<CallerFeatures>>('responsesCaller');
const KnownCaller = fact<ResponseCaller>('responsesKnownCaller');
/** The same on every node, so that a staged response meets the same clients everywhere. */
const spread = keyedHash(new Uint8Array([7, 1, 9, 4, 2, 8, 3, 6]));
const TIGHT_RISK = 0.9;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Where a client falls for a lease, 0 to 1: the same each time, another for each lease. */
export function partOf(lease: string, client: string): number {
  return spread.to32(`${lease}\n${client}`) / 2 ** 32;
}

/** The guards of automatic responses, in the order in which the corridor shall ask them. */
export function responseGuards(ports: ResponseGuardPorts): readonly Guard[] {
  return [
    new AddressGuard(ports, 'admit', 'deny'),
    new AddressGuard(ports, 'screen', 'challenge'),
    new CallerGuard(ports),
    riskGuard(ports),
  ];
}

class AddressGuard implements Guard {
  readonly name: string;
  readonly phase: Phase;
  readonly mode = 'enforce';
  readonly onError = 'allow';
  readonly decider: Decider = addressDecider;
  readonly #ports: ResponseGuardPorts;
  readonly #how: 'deny' | 'challenge';
  readonly #asked: typeof AskedAddress;

  constructor(ports: ResponseGuardPorts, phase: Phase, how: 'deny' | 'challenge') {
    this.#ports = ports;
    this.phase = phase;
    this.#how = how;
    this.name = how === 'deny' ? 'responses.block' : 'responses.challenge';
    this.#asked = how === 'deny' ? AskedAddress : AskedProof;
  }

  check(context: RequestContext): Verdict {
    const { book, canChallenge, placeOf } = this.#ports;
    if (book.isEmpty) return PASS;
    const { nowMs, client, request } = context;
    const leases = book
      .ofAddress(client.address, nowMs)
      .filter((one) => one.responder === 'block' && howOf(one, canChallenge()) === this.#how);
    if (leases.length === 0 || placeOf(context) === 'health') return PASS;
    const device = `${client.group}\n${request.header('user-agent') ?? ''}`;
    for (const lease of leases) {
      const features = {
        address: client.address,
        part: partOf(lease.id, device),
        cleared: context.get(Clearance) === true,
      };
      const asked = { features, leases: [factsOf(lease, this.#how)] };
      context.set(this.#asked, asked);
      const verdict = addressDecider.decide(features, asked, nowMs);
      if (verdict.kind === 'pass') continue;
      book.meet(lease.id);
      return verdict;
    }
    return PASS;
  }

  evidence(context: RequestContext): Evidence | undefined {
    return evidenceOf(context, context.get(this.#asked));
  }
}

function howOf({ how }: Lease, canChallenge: boolean): 'deny' | 'challenge' {
  return canChallenge ? how : 'deny';
}

class CallerGuard implements Guard {
  readonly name = 'responses.caller';
  readonly phase = 'authorize';
  readonly mode = 'enforce';
  // A lockdown that breaks must not open the house.
  readonly onError = 'deny';
  readonly decider: Decider = callerDecider;
  readonly #ports: ResponseGuardPorts;
  readonly #paying = new Set<RouteInfo>();

  constructor(ports: ResponseGuardPorts) {
    this.#ports = ports;
  }

  appliesTo(route: RouteInfo): boolean {
    const given = route.settings['payments'] ?? false;
    if (typeof given !== 'boolean')
      throw new OptionsError(`routes.${route.name}.payments`, 'expected true or false');
    if (given) this.#paying.add(route);
    return true;
  }

  check(context: RequestContext): Verdict {
    const { book, placeOf } = this.#ports;
    if (book.isEmpty) return PASS;
    const { nowMs, request } = context;
    const caller = callerOf(this.#ports, context);
    this.#notePeople(context, caller);
    const leases = [...book.ofAll(nowMs), ...(caller.user === null ? [] : book.ofUser(caller.user, nowMs))];
    if (leases.length === 0) return PASS;
    if (leases.some(({ responder }) => responder === 'freeze-payments')) context.set(PaymentsFrozen, true);
    for (const lease of leases) {
      const features: CallerFeatures = {
        user: caller.user,
        isAdmin: caller.isAdmin,
        isOperator: caller.isOperator,
        writes: !SAFE_METHODS.has(request.method),
        place: placeOf(context),
        pays: this.#paying.has(context.plan.route),
        provenAtMs: caller.provenAtMs,
        part: partOf(lease.id, caller.user ?? context.client.group),
      };
      const asked = { features, leases: [factsOf(lease, lease.how)] };
      context.set(AskedCaller, asked);
      const verdict = callerDecider.decide(features, asked, nowMs);
      if (verdict.kind === 'pass') continue;
      book.meet(lease.id);
      return verdict;
    }
    return PASS;
  }

  /** People in good standing whom a staged block would meet once it acts on all. */
  #notePeople({ client, nowMs }: RequestContext, { isGood, user }: ResponseCaller): void {
    if (!isGood || user === null) return;
    for (const lease of this.#ports.book.ofAddress(client.address, nowMs))
      if (lease.responder === 'block' && lease.stage < 1) this.#ports.book.meetPerson(lease.id, user);
  }

  evidence(context: RequestContext): Evidence | undefined {
    return evidenceOf(context, context.get(AskedCaller));
  }
}

/** Tells adaptive limits how much a caller is to be trusted. */
function riskGuard(ports: ResponseGuardPorts): Guard {
  const { book, score } = ports;
  return {
    name: 'responses.risk',
    phase: 'authorize',
    mode: 'enforce',
    onError: 'allow',
    check(context) {
      const { nowMs, client } = context;
      let risk = context.get(RiskScore) ?? 0;
      if (score !== undefined) risk = Math.max(risk, score.scoreOf(client.group, nowMs));
      if (!book.isEmpty) {
        const { user } = callerOf(ports, context);
        const leases = [
          ...book.ofAddress(client.address, nowMs),
          ...book.ofAll(nowMs),
          ...(user === null ? [] : book.ofUser(user, nowMs)),
        ];
        for (const lease of leases) {
          const unit = user ?? client.group;
          if (lease.responder !== 'tighten-limits' || partOf(lease.id, unit) >= lease.stage) continue;
          risk = Math.max(risk, TIGHT_RISK);
          book.meet(lease.id);
        }
      }
      if (risk > 0) context.set(RiskScore, risk);
      return PASS;
    },
  };
}

function callerOf(ports: ResponseGuardPorts, context: RequestContext): ResponseCaller {
  let caller = context.get(KnownCaller);
  if (caller === undefined) {
    caller = ports.callerOf(context);
    context.set(KnownCaller, caller);
  }
  return caller;
}

function factsOf(lease: Lease, how: LeaseFacts['how']): LeaseFacts {
  const { id, responder, target, stage, startedAtMs, expiresAtMs } = lease;
  return { id, responder, target, how, stage, startedAtMs, expiresAtMs };
}

function evidenceOf(context: RequestContext, asked: Asked<unknown> | undefined): Evidence | undefined {
  return asked && { features: asked.features, state: { leases: asked.leases }, atMs: context.nowMs };
}
