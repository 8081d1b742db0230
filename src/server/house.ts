import { type Logger, TrafficMeter } from '../base/observe/index.ts';
import { type Clock, systemClock, systemTimers, type Timers } from '../core/clock.ts';
import type { RequestContext } from '../core/context.ts';
import { createCorridor } from '../core/corridor.ts';
import type { Decider } from '../core/decide.ts';
import type { RecordSink } from '../core/decision.ts';
import { OptionsError } from '../core/errors.ts';
import type { EventSink } from '../core/events.ts';
import { EventCorridor } from '../core/event-corridor.ts';
import { type ClientAddressValue, Principal, type PrincipalValue } from '../core/fact.ts';
import type { Gate } from '../core/gate.ts';
import type { Finisher, Guard, Phase } from '../core/guard.ts';
import { keyedHash, type KeyedHash } from '../core/hash.ts';
import { newId } from '../core/id.ts';
import { addressReader } from '../core/proxy.ts';
import { createRecorder } from '../core/recorder.ts';
import { renderRefusal } from '../core/reply.ts';
import { type Deny, PASS, type Verdict } from '../core/verdict.ts';
import type { Watcher } from '../core/watcher.ts';
import { browser } from '../modules/browser/index.ts';
import { type Limits, limits } from '../modules/limit/index.ts';
import { type BlockList, blockList } from '../modules/shield/index.ts';
import type { CounterStore } from '../ports/counter.ts';
import type { ReadConfig } from './config.ts';
import { failWords } from './fail-words.ts';
import { passShareOf } from './pass-share.ts';
import { RefusalNotices } from './refusal-notices.ts';
import { unreadRequests } from './unread.ts';

/** What a house stands on. What is left out is of this process alone. */
export interface HousePorts {
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Name of this node, unique among those that share stores. */
  readonly node: string;
  readonly log: Logger;
  /** Where limits count, and where they count while that does not answer. */
  readonly counters: CounterStore;
  readonly localCounters: CounterStore;
  /** Where decision records go. */
  readonly sink: RecordSink;
  /** Stations of the event corridor; without one of stage `journal` nothing is kept. */
  readonly watchers?: readonly Watcher[];
  /** More finishers: the access line. */
  readonly finishers?: readonly Finisher[];
  /** Keys of CSRF tokens. */
  readonly csrfKeys?: readonly Uint8Array[];
  /** Chooses the callers whose passes are kept; the same on every node. */
  readonly sampleHash?: KeyedHash;
  /** Name of a route of the application itself, by method and canonical path: finer than the rules' patterns. */
  readonly label?: (method: string, path: string) => string | undefined;
  /** Who calls, asked before the configuration's own `identify`. */
  readonly identify?: (
    context: RequestContext,
  ) => PrincipalValue | undefined | Promise<PrincipalValue | undefined>;
  /** More guards, such as those of modules that the server composes. */
  readonly guards?: readonly Guard[];
  /** Makes what asks the access policy; absent where none is configured. */
  readonly access?: (parts: HouseAccessParts) => HouseAccess;
}

/** What asks the access policy. */
export interface HouseAccess {
  readonly guards: readonly Guard[];
  readonly demand: NonNullable<Gate['demand']>;
}

/** What it is made with. */
export interface HouseAccessParts {
  readonly events: EventSink;
  /** Takes down a refusal that a handler's demand met, once the corridor was over. */
  readonly onRefused: (context: RequestContext, verdict: Deny) => void;
}

/** A composed Rampart: the corridor with its guards, the events, and what manages them. */
export interface House extends Gate {
  readonly node: string;
  readonly config: ReadConfig;
  readonly events: EventCorridor;
  readonly limits: Limits;
  readonly blocks: BlockList;
  readonly traffic: TrafficMeter;
  /** Deciders by name, to compute records again. */
  readonly deciders: ReadonlyMap<string, Decider>;
  /** Share of the passes that is kept at present, 0 to 1. */
  passShare(): number;
  /** Phase of a guard, null for an unknown one. */
  phaseOf(guard: string): Phase | null;
  /** Routes on which a limit acts. */
  routesOf(limit: string): readonly string[];
  /** Ends timers and brings every event through its corridor. Stores are their owner's to close. */
  close(): Promise<void>;
}

/** A route that asks for a fresh factor must not stay open because nobody is there to ask. */
function refuseUnguarded({ rules }: ReadConfig, { guards = [] }: HousePorts): void {
  if (guards.some(({ name }) => name === 'freshAuth')) return;
  const asking = rules.find(({ settings }) => (settings['freshAuth'] ?? false) !== false);
  if (asking !== undefined)
    throw new OptionsError(
      `routes.${[asking.match].flat().join(', ')}.freshAuth`,
      'needs accounts; set identity, or leave it out',
    );
}

/**
 * Composes a house from a configuration.
 * @throws OptionsError naming the path and the reason
 */
export function buildHouse(config: ReadConfig, ports: HousePorts): House {
  refuseUnguarded(config, ports);
  const clock = ports.clock ?? systemClock;
  const timers = ports.timers ?? systemTimers;
  const events = new EventCorridor({ clock, timers, node: ports.node, watchers: ports.watchers ?? [] });
  const blocks = inWordsOfTheFile(() => blockList(config.blocks, { clock }));
  const limiting = inWordsOfTheFile(() =>
    limits(
      { policies: config.limits, ...config.limitStore },
      { store: ports.counters, local: ports.localCounters, clock, timers, events, node: ports.node },
    ),
  );
  const guards: Guard[] = [blocks.guard];
  if (config.browser !== false) {
    const { csrfKeys } = ports;
    guards.push(...browser(config.browser, { events, ...(csrfKeys === undefined ? {} : { csrfKeys }) }));
  }
  const access = ports.access?.({ events, onRefused: (context, verdict) => refuseDemand(context, verdict) });
  guards.push(
    identifyGuard(config, ports),
    ...(access?.guards ?? []),
    ...(ports.guards ?? []),
    ...limiting.guards,
  );
  const notices = new RefusalNotices(events, { timers });
  const traffic = new TrafficMeter();
  const share = passShareOf(config.records.passes, clock);
  const recorder = createRecorder({
    node: ports.node,
    clock,
    policy: config.policyHash,
    sink: ports.sink,
    passShare: share.current,
    hash: ports.sampleHash ?? keyedHash(),
  });
  const label = (context: RequestContext): void => {
    context.routeLabel ??= ports.label?.(context.request.method, context.path) ?? null;
  };
  const labels: Finisher = { name: 'labels', end: label };
  const refuseDemand = (context: RequestContext, verdict: Deny): void => {
    context.verdict = verdict;
    context.decisionId ??= newId('dec', context.nowMs);
    (context.trail ??= []).push({ guard: 'access.require', verdict, shadow: false });
    label(context);
    recorder.refused(context);
    notices.refused(context);
  };
  const shadows: Finisher = {
    name: 'shadows',
    end(context) {
      share.count();
      if (context.trail !== null) notices.shadowed(context);
    },
  };
  const readClient = addressReader(config.proxy);
  const unread = unreadRequests({
    clock,
    readClient,
    render: (refusal, decisionId) => renderRefusal(refusal, decisionId, undefined, config.errors.format),
    finishers: [traffic, ...(ports.finishers ?? [])],
    record(context) {
      recorder.refused(context);
      notices.refused(context);
    },
  });
  const corridor = createCorridor({
    guards,
    rules: config.rules,
    clock,
    readClient,
    errorFormat: config.errors.format,
    finishers: [labels, traffic, recorder, shadows, ...(ports.finishers ?? [])],
    onRefused(context) {
      label(context);
      recorder.refused(context);
      notices.refused(context);
    },
    onGuardFailure: (guard, error, context) => {
      ports.log.error('A guard broke down.', { guard, error, route: context.plan.route.name });
      events.emit('GUARD_FAILED', {
        subject: guard,
        route: context.plan.route.name,
        address: context.client.address,
      });
    },
    onUntrustedForward: oncePerHour(clock, (client) =>
      events.emit('UNTRUSTED_FORWARD', { address: client.address }),
    ),
  });
  const deciders = new Map<string, Decider>();
  for (const guard of guards) if (guard.decider) deciders.set(guard.decider.name, guard.decider);
  return {
    node: ports.node,
    config,
    events,
    limits: limiting,
    blocks,
    traffic,
    deciders,
    passShare: share.current,
    enter: (request) => corridor.enter(request),
    leave: (context, status, bytes, aborted) => corridor.leave(context, status, bytes, aborted),
    fail: failWords({ errors: config.errors, log: ports.log, events, clock, unread }),
    ...(access === undefined ? {} : { demand: access.demand }),
    phaseOf: (name) =>
      (name === 'access.require' ? 'authorize' : undefined) ??
      guards.find((guard) => guard.name === name)?.phase ??
      // Shadow policies leave lines of their own: `limit:NAME`.
      limiting.policies.find((policy) => name === `limit:${policy.name}`)?.phase ??
      null,
    routesOf: (name) => routesOfLimit(config, name),
    async close() {
      notices.tellRest();
      limiting.close();
      await events.close();
    },
  };
}

/** Sets the principal. A caller whom nobody knows goes on as anonymous: what needs more is refused where it is asked. */
function identifyGuard(config: ReadConfig, ports: HousePorts): Guard {
  const own = config.identify;
  const take = (context: RequestContext, principal: PrincipalValue | null | undefined): Verdict => {
    if (principal !== null && principal !== undefined) context.set(Principal, principal);
    return PASS;
  };
  return {
    name: 'identify',
    phase: 'identify',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      const known = ports.identify?.(context);
      if (known instanceof Promise)
        return known.then((one) => one ?? own?.(context.request)).then((one) => take(context, one));
      if (known !== undefined) return take(context, known);
      const found = own?.(context.request);
      return found instanceof Promise ? found.then((one) => take(context, one)) : take(context, found);
    },
  };
}

/** What modules call their options, and what the configuration file calls them. */
const FILE_WORDS = [
  ['limits.policies.', 'limits.'],
  ['limits.', 'limitStore.'],
  ['blockList.', 'blocks.'],
] as const;

/** Lets a refusal name the place in the configuration file. */
function inWordsOfTheFile<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const { path, reason } = error;
    const words = FILE_WORDS.find(([own]) => path.startsWith(own));
    throw words === undefined ? error : new OptionsError(words[1] + path.slice(words[0].length), reason);
  }
}

function routesOfLimit(config: ReadConfig, name: string): readonly string[] {
  if (config.limits[name]?.everywhere === true) return ['*'];
  return config.rules
    .filter(({ settings }) => {
      const named = settings['limit'];
      return named === name || (Array.isArray(named) && named.includes(name));
    })
    .flatMap(({ match }) => match);
}

const HOUR_MS = 3_600_000;
const MAX_TOLD = 1_000;

/** One notice per address and hour; more addresses than the bound are not told. */
function oncePerHour(
  clock: Clock,
  tell: (client: ClientAddressValue) => void,
): (client: ClientAddressValue) => void {
  const told = new Map<string, number>();
  return (client) => {
    const now = clock.now();
    const last = told.get(client.group);
    if (last !== undefined && now - last < HOUR_MS) return;
    if (last === undefined && told.size >= MAX_TOLD) {
      const oldest = told.entries().next().value as [string, number];
      if (now - oldest[1] < HOUR_MS) return;
      told.delete(oldest[0]);
    }
    told.delete(client.group);
    told.set(client.group, now);
    tell(client);
  };
}
