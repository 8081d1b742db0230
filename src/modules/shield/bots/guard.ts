import type { Clock, Timers } from '../../../core/clock.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { Decider, Evidence } from '../../../core/decide.ts';
import { requestFields } from '../../../core/event-fields.ts';
import type { EventSink } from '../../../core/events.ts';
import { Clearance, fact } from '../../../core/fact.ts';
import type { Guard, Mode, RouteInfo } from '../../../core/guard.ts';
import { PASS, type Verdict } from '../../../core/verdict.ts';
import { AgentReader } from './agent.ts';
import { botDecider, type BotFeatures } from './decide.ts';
import {
  type BotClassName,
  type BotOptions,
  type BotPolicy,
  policyOf,
  readBotOptions,
  readBotRoute,
  type ResolvedBots,
} from './options.ts';
import { type BotIndex, BotRanges, readBotRanges } from './ranges.ts';
import { type BotResolver, systemResolver } from './resolver.ts';
import { Throttle } from '../throttle.ts';
import { BotVerifier, type Finding, isLocal } from './verify.ts';

/** What a caller turned out to be. */
export interface BotClassValue {
  readonly class: BotClassName;
  /** Id of the good bot that it names; null where it names none. */
  readonly bot: string | null;
}

/** What a caller turned out to be, for later guards and the application. */
export const BotClass = fact<BotClassValue>('botClass');

/** What the guard stands on. */
export interface BotPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Takes BOT_IMPOSTOR. */
  readonly events: EventSink;
  /** Default: the machine's own name servers. */
  readonly resolver?: BotResolver;
  /** Published ranges, where they are read elsewhere. */
  readonly ranges?: BotRanges;
  /** Ranges that are read elsewhere, by bot; asked at every reload, they count more than those of the folder. */
  readonly published?: () => ReadonlyMap<string, BotIndex>;
}

/** The guard, and what keeps it up to date. */
export interface Bots {
  readonly guard: Guard;
  /** Reads the folder of ranges again. @throws OptionsError; what was known before stays */
  readonly reload: () => void;
}

const Read = fact<BotFeatures>('botFeatures');
const HOUR_MS = 3_600_000;

/**
 * Tells good bots, tools, headless browsers, impostors and people apart, and does what the route says. Phase `screen`.
 * @param settingsOf a route's own settings: `false` for no check, `undefined` for those of the module
 * @throws OptionsError naming the path and the reason; for routes when the corridor is compiled
 */
export function bots(
  options: BotOptions,
  ports: BotPorts,
  settingsOf: (route: RouteInfo) => unknown = () => undefined,
): Bots {
  const read = readBotOptions('shield.bots', options);
  const { rangesFolder } = read;
  const ranges = ports.ranges ?? new BotRanges();
  const reload = (): void => {
    const published = ports.published?.();
    if (rangesFolder !== undefined) ranges.replace(readBotRanges(rangesFolder, published));
    else if (published !== undefined) ranges.replace(new BotRanges(published));
  };
  reload();
  return { guard: new BotGuard(read, ranges, ports, settingsOf), reload };
}

class BotGuard implements Guard {
  readonly name = 'shield.bots';
  readonly phase = 'screen';
  readonly mode: Mode;
  readonly onError = 'deny';
  readonly decider: Decider = botDecider;
  readonly #base: BotPolicy;
  readonly #events: EventSink;
  readonly #settingsOf: (route: RouteInfo) => unknown;
  readonly #policies = new Map<RouteInfo, BotPolicy>();
  readonly #agents = new AgentReader();
  readonly #verifier: BotVerifier;
  readonly #throttle: Throttle;
  /** An impostor sends thousands: one is told per network, bot and hour. */
  readonly #told = new Throttle(1, HOUR_MS);

  constructor(
    options: ResolvedBots,
    ranges: BotRanges,
    ports: BotPorts,
    settingsOf: (route: RouteInfo) => unknown,
  ) {
    this.mode = options.mode;
    this.#base = policyOf(options);
    this.#events = ports.events;
    this.#settingsOf = settingsOf;
    const { clock, timers, resolver = systemResolver() } = ports;
    const times = {
      budgetMs: options.dnsBudget,
      verifiedTtlMs: options.verifiedFor,
      impostorTtlMs: options.impostorFor,
    };
    this.#verifier = new BotVerifier(times, { ranges, resolver, clock, timers });
    this.#throttle = new Throttle(options.limit.max, options.limit.window);
  }

  appliesTo(route: RouteInfo): boolean {
    const given = this.#settingsOf(route);
    if (given === false) return false;
    if (given !== undefined)
      this.#policies.set(route, readBotRoute(`routes['${route.name}'].shield.bots`, this.#base, given));
    return true;
  }

  check(context: RequestContext): Verdict | Promise<Verdict> {
    const { request, client } = context;
    const words = this.#agents.read(request.header('user-agent'), request.header('sec-ch-ua'));
    if (words.kind !== 'claim') return this.#conclude(context, words.kind, null, null);
    const { claim } = words;
    const finding = hidesItsClient(context) ? HIDDEN : this.#verifier.verify(claim, client);
    return finding instanceof Promise
      ? finding.then(({ result, by }) => this.#conclude(context, result, claim.id, by))
      : this.#conclude(context, finding.result, claim.id, finding.by);
  }

  evidence(context: RequestContext): Evidence | undefined {
    const features = context.get(Read);
    return features && { features, state: this.#policyFor(context), atMs: context.nowMs };
  }

  #policyFor({ plan }: RequestContext): BotPolicy {
    return this.#policies.get(plan.route) ?? this.#base;
  }

  #conclude(context: RequestContext, name: BotClassName, bot: string | null, by: BotFeatures['by']): Verdict {
    const policy = this.#policyFor(context);
    const key = `${name}|${context.client.group}`;
    const waitMs = policy[name] === 'limit' ? this.#throttle.take(key, context.nowMs) : 0;
    const features: BotFeatures = {
      class: name,
      bot,
      by,
      cleared: context.get(Clearance) !== undefined,
      waitSeconds: Math.ceil(waitMs / 1000),
    };
    context.set(BotClass, features);
    context.set(Read, features);
    if (name === 'impostor') this.#tell(context, features);
    if (policy[name] === 'allow') return PASS;
    const verdict = botDecider.decide(features, policy, context.nowMs);
    return verdict.kind === 'pass' ? PASS : verdict;
  }

  #tell(context: RequestContext, { bot, by }: BotFeatures): void {
    const { client, request } = context;
    if (this.#told.take(`${client.group}|${bot}`, context.nowMs) > 0) return;
    this.#events.emit('BOT_IMPOSTOR', {
      ...requestFields(context),
      subject: bot ?? 'unknown',
      details: { by, userAgent: request.header('user-agent')?.slice(0, 200) ?? null },
    });
  }
}

const HIDDEN: Finding = { result: 'unverified', by: 'none' };
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip'];

/**
 * A proxy on this machine or in this network that nobody named in `trustProxy`: its address is not the client's, and a
 * real crawler behind it must not be taken for an impostor.
 */
function hidesItsClient({ request, client }: RequestContext): boolean {
  if (client.forwarded || !isLocal(client.address)) return false;
  return FORWARDED.some((name) => request.header(name) !== undefined);
}
