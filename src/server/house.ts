import { type Logger, TrafficMeter } from '../base/observe/index.ts';
import { type Clock, systemClock, systemTimers, type Timers } from '../core/clock.ts';
import type { RequestContext } from '../core/context.ts';
import { createCorridor } from '../core/corridor.ts';
import type { Decider } from '../core/decide.ts';
import type { RecordSink } from '../core/decision.ts';
import { OptionsError } from '../core/errors.ts';
import type { EventSink } from '../core/events.ts';
import { EventCorridor } from '../core/event-corridor.ts';
import { Principal, type PrincipalValue } from '../core/fact.ts';
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
import { type BlockList, blockList, type BotResolver, type TrafficBlock } from '../modules/shield/index.ts';
import type { Uploader } from '../modules/upload/index.ts';
import type { CounterStore } from '../ports/counter.ts';
import { blockedCaller } from './blocked-caller.ts';
import type { ReadConfig } from './config.ts';
import { failWords } from './fail-words.ts';
import { passShareOf } from './pass-share.ts';
import { RefusalNotices } from './refusal-notices.ts';
import { placeName, placesOf } from './place-of.ts';
import { buildShield, type Shield } from './shield.ts';
import { corridorNotices, serverNotice } from './corridor-notices.ts';
import { unreadRequests } from './unread.ts';
import { validationGate } from './validation-gate.ts';
import { ManyRefusals, VALIDATE_GUARD } from './validation-refusals.ts';
import { UPLOAD_GUARD, uploadIntake } from './uploads/intake.ts';

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
  /** Asks the DNS whether a bot is the one it names; default the machine's own name servers. */
  readonly botResolver?: BotResolver;
  /** Folder of the server's files, among them the published ranges of bots (`bots`). */
  readonly dataDir?: string;
  /** Keys of challenges and clearances; default one of this process. */
  readonly challengeKeys?: readonly Uint8Array[];
  /** Blocks a client for its traffic on every node; default on this node alone. Must not throw. */
  readonly block?: (block: TrafficBlock) => void;
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
  /** Device that a request names, signed in or not; asked only while a device is blocked. */
  readonly deviceOf?: (context: RequestContext) => string | undefined;
  /** More guards, such as those of modules that the server composes. */
  readonly guards?: readonly Guard[];
  /** Kinds of uploads, opened once the house stands; asked by name for each request. */
  readonly uploads?: (name: string) => Uploader | undefined;
  /** Makes what asks the access policy; absent where none is configured. */
  readonly access?: (parts: HouseAccessParts) => HouseAccess;
}

/** What asks the access policy. */
export interface HouseAccess {
  readonly guards: readonly Guard[];
  readonly demand: NonNullable<Gate['demand']>;
  readonly finishers: readonly Finisher[];
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
  readonly shield: Shield;
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
  let composed: Shield | undefined;
  const events = new EventCorridor({
    clock,
    timers,
    node: ports.node,
    watchers: ports.watchers ?? [],
    placeOf: (address) => placeName(composed && placesOf(composed), address),
  });
  const blocks = inWordsOfTheFile(() =>
    blockList(config.blocks, {
      clock,
      places: () => composed && placesOf(composed),
      caller: blockedCaller(ports.deviceOf),
    }),
  );
  const limiting = inWordsOfTheFile(() =>
    limits(
      { policies: config.limits, ...config.limitStore },
      { store: ports.counters, local: ports.localCounters, clock, timers, events, node: ports.node },
    ),
  );
  const shield = inWordsOfTheFile(() =>
    buildShield(config.shield, { ...shieldPorts(ports), clock, timers, events, log: ports.log, blocks }),
  );
  composed = shield;
  const guards: Guard[] = [blocks.guard, ...shield.guards];
  if (config.browser !== false) {
    const { csrfKeys } = ports;
    guards.push(...browser(config.browser, { events, ...(csrfKeys === undefined ? {} : { csrfKeys }) }));
  }
  const access = ports.access?.({
    events,
    onRefused: (context, verdict) => refuseDemand(context, verdict, 'access.require'),
  });
  guards.push(
    identifyGuard(config, ports),
    blocks.callerGuard,
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
  const recordRefusal = (context: RequestContext, verdict: Deny, guard: string): void => {
    context.verdict = verdict;
    context.decisionId ??= newId('dec', context.nowMs);
    (context.trail ??= []).push({ guard, verdict, shadow: false });
    label(context);
    recorder.refused(context);
  };
  const refuseDemand = (context: RequestContext, verdict: Deny, guard: string): void => {
    recordRefusal(context, verdict, guard);
    notices.refused(context);
  };
  const misfits = new ManyRefusals();
  const uploads = uploadsOf(config, ports, refuseDemand);
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
    finishers: [
      labels,
      traffic,
      recorder,
      shadows,
      ...shield.finishers,
      ...(access?.finishers ?? []),
      ...(ports.finishers ?? []),
    ],
    onRefused(context) {
      label(context);
      recorder.refused(context);
      notices.refused(context);
    },
    ...(shield.onChallenge === undefined ? {} : { onChallenge: shield.onChallenge }),
    ...corridorNotices({ clock, events, log: ports.log }),
    ...(shield.maxHeldBytes === undefined ? {} : { maxHeldBytes: shield.maxHeldBytes }),
  });
  const deciders = new Map<string, Decider>();
  for (const guard of guards) if (guard.decider) deciders.set(guard.decider.name, guard.decider);
  return {
    node: ports.node,
    config,
    events,
    limits: limiting,
    blocks,
    shield,
    traffic,
    deciders,
    passShare: share.current,
    enter: (request) => corridor.enter(request),
    ...(corridor.plans.some(({ bodyGuards }) => bodyGuards.length > 0)
      ? { openBody: (context: RequestContext) => corridor.openBody(context) }
      : {}),
    leave: (context, status, bytes, aborted) => corridor.leave(context, status, bytes, aborted),
    onServerFlaws: serverNotice({ events, log: ports.log }),
    fail: failWords({ errors: config.errors, log: ports.log, events, clock, unread }),
    ...(access === undefined ? {} : { demand: access.demand }),
    ...(uploads === undefined ? {} : { upload: uploads }),
    validation: validationGate({
      declared: shield.declared,
      warn: (message, fields) => ports.log.warn(message, fields),
      onRefused(context, verdict) {
        recordRefusal(context, verdict, VALIDATE_GUARD);
        if (misfits.isMany(context)) notices.refused(context);
      },
    }),
    phaseOf: (name) =>
      (name === 'access.require'
        ? 'authorize'
        : name === UPLOAD_GUARD || name === VALIDATE_GUARD
          ? 'validate'
          : undefined) ??
      guards.find((guard) => guard.name === name)?.phase ??
      // Shadow policies leave lines of their own: `limit:NAME`.
      limiting.policies.find((policy) => name === `limit:${policy.name}`)?.phase ??
      null,
    routesOf: (name) => routesOfLimit(config, name),
    async close() {
      notices.tellRest();
      await shield.close();
      limiting.close();
      await events.close();
    },
  };
}

function shieldPorts({ block, botResolver, challengeKeys, dataDir }: HousePorts) {
  return {
    ...(block === undefined ? {} : { block }),
    ...(challengeKeys === undefined ? {} : { challengeKeys }),
    ...(botResolver === undefined ? {} : { botResolver }),
    ...(dataDir === undefined ? {} : { dataDir }),
  };
}

/** Absent where none is configured: adapters then leave forms to others. */
function uploadsOf(
  config: ReadConfig,
  ports: HousePorts,
  onRefused: (context: RequestContext, verdict: Deny, guard: string) => void,
): Gate['upload'] {
  const find = ports.uploads;
  if (find === undefined || Object.keys(config.uploads).length === 0) return undefined;
  return (name) => {
    const uploader = find(name);
    return uploader && uploadIntake(uploader, onRefused);
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
