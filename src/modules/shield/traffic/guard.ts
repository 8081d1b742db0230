import { contains, parseAddress, type Cidr } from '../../../core/address.ts';
import type { Clock } from '../../../core/clock.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { Decider, Evidence } from '../../../core/decide.ts';
import { requestFields } from '../../../core/event-fields.ts';
import type { EventSink } from '../../../core/events.ts';
import { type ClientAddressValue, fact } from '../../../core/fact.ts';
import type { Finisher, Guard, Mode, RequestEnd, RouteInfo } from '../../../core/guard.ts';
import { rangesOf } from '../../../core/proxy.ts';
import { PASS, type Verdict } from '../../../core/verdict.ts';
import type { BlockRefusalCode } from '../block.ts';
import { Throttle } from '../throttle.ts';
import { ClientTable, UNIT } from './clients.ts';
import {
  excessOf,
  MINUTE_SECONDS,
  trafficDecider,
  type TrafficExcess,
  type TrafficFeatures,
  type TrafficState,
} from './decide.ts';
import { HotClients } from './hot-clients.ts';
import type { PostureKeeper } from './keeper.ts';
import { readTrafficRoute, type ResolvedTraffic } from './options.ts';
import { isAssetPath } from './assets.ts';
import { type ClientReport, PeerCounts } from './peers.ts';
import type { PostureLevel } from './posture.ts';

/** How hard the site is pressed; absent while the posture is normal. */
export const Posture = fact<PostureLevel>('posture');

/** A client that is to be blocked. */
export interface TrafficBlock {
  /** Address, or range of an IPv6 client. */
  readonly target: string;
  readonly reason: string;
  readonly ttlMs: number;
}

/** What the guard stands on. */
export interface TrafficPorts {
  readonly clock: Clock;
  /** Takes DDOS_DETECTED, PATH_SCAN_DETECTED and POSTURE_CHANGED. */
  readonly events: EventSink;
  /** Why a target would not be blocked: the block list's `refuses`. */
  readonly refuses: (target: string) => { readonly code: BlockRefusalCode } | undefined;
  /** Blocks a client, here at once and on the other nodes within a second. Must not throw. */
  readonly block: (block: TrafficBlock) => void;
}

const Read = fact<TrafficFeatures>('trafficFeatures');
const HOUR_MS = 3_600_000;
/** Nodes over which a client may spread what it sends, evenly, and still be seen as one. */
const NODES = 16;

/** Counts every request, refuses and blocks who sends too much, and learns who looks for what is not there. */
export class TrafficGuard implements Guard, Finisher {
  readonly name = 'shield.traffic';
  readonly phase = 'admit';
  readonly mode: Mode;
  /** What only counts must not close the house when it breaks. */
  readonly onError = 'allow';
  readonly decider: Decider = trafficDecider;
  readonly #options: ResolvedTraffic;
  readonly #state: TrafficState;
  readonly #ports: TrafficPorts;
  readonly #keeper: PostureKeeper;
  readonly #settingsOf: (route: RouteInfo) => unknown;
  readonly #weights = new Map<RouteInfo, number>();
  readonly #clients: ClientTable;
  readonly #hot: HotClients;
  readonly #peers = new PeerCounts();
  readonly #probes: ReadonlySet<string>;
  readonly #told = new Throttle(1, 60_000);
  readonly #toldScans = new Throttle(1, HOUR_MS);
  readonly #budget: Throttle;

  constructor(
    options: ResolvedTraffic,
    ports: TrafficPorts,
    keeper: PostureKeeper,
    settingsOf: (route: RouteInfo) => unknown,
  ) {
    this.#options = options;
    this.mode = options.mode;
    const { burst, sustained, blockFor } = options;
    this.#state = { burst, sustained, blockSeconds: Math.ceil(blockFor / 1_000) };
    this.#ports = ports;
    this.#keeper = keeper;
    this.#settingsOf = settingsOf;
    this.#clients = new ClientTable(options.maxClients);
    this.#hot = new HotClients(this.#clients, (sustained * MINUTE_SECONDS) / NODES);
    this.#probes = new Set(options.probePaths);
    this.#budget = new Throttle(options.blocksPerHour, HOUR_MS);
  }

  appliesTo(route: RouteInfo): boolean {
    const given = this.#settingsOf(route);
    if (given === false) return false;
    if (given !== undefined)
      this.#weights.set(
        route,
        readTrafficRoute(`routes['${route.name}'].shield.traffic`, given).weight * UNIT,
      );
    return true;
  }

  check(context: RequestContext): Verdict {
    const { client, startedMs, nowMs } = context;
    this.#keeper.count(nowMs, startedMs);
    if (this.#keeper.level !== 'normal') context.set(Posture, this.#keeper.level);
    const units = this.#unitsOf(context);
    if (units === 0 || client.address === 'unknown') return PASS;
    const { second, minute: own } = this.#clients.add(client.group, units, startedMs);
    this.#hot.note(client.group, own, startedMs);
    const minute = own + this.#peers.minute(client.group, startedMs);
    const excess = excessOf({ second, minute }, this.#state);
    if (excess === undefined) return PASS;
    const spared = this.#sparedOf(client);
    const features = { client: client.group, second, minute, spared };
    context.set(Read, features);
    this.#tell(context, features, excess);
    const verdict = trafficDecider.decide(features, this.#state, nowMs);
    if (verdict.kind === 'pass') return PASS;
    if (this.mode === 'enforce') this.#block(context, verdict.kind === 'deny' ? verdict.reason.text : excess);
    return verdict;
  }

  evidence(context: RequestContext): Evidence | undefined {
    const features = context.get(Read);
    return features && { features, state: this.#state, atMs: context.nowMs };
  }

  /** Takes over what another node says of its clients. */
  heard(node: string, report: ClientReport): void {
    const steadyMs = this.#ports.clock.monotonic();
    this.#peers.hear(node, report, steadyMs);
    for (const client of report.over) this.#forget(client, steadyMs);
  }

  /** Has `tell` called with the clients of this node that send much, once a second while there are any. */
  onReport(tell: ((report: ClientReport) => void) | undefined): void {
    this.#hot.tell = tell;
  }

  /** Learns who looks for what is not there. */
  end(context: RequestContext, { status }: RequestEnd): void {
    const { scan } = this.#options;
    if (status !== 404 || scan.do === 'off' || context.verdict.kind !== 'pass') return;
    const { client, path, startedMs, plan } = context;
    if (client.address === 'unknown' || this.#weights.get(plan.route) === 0) return;
    if (!plan.guards.includes(this)) return;
    const paths = this.#clients.missed(client.group, path, startedMs);
    if (paths < scan.paths || this.#toldScans.take(client.group, context.nowMs) > 0) return;
    const spared = this.#sparedOf(client);
    this.#ports.events.emit('PATH_SCAN_DETECTED', {
      ...requestFields(context),
      subject: client.group,
      details: { paths, withinSeconds: 60, spared },
    });
    if (scan.do === 'block' && spared === null && this.mode === 'enforce')
      this.#block(context, `${client.group} asked for ${paths} paths that are not there, within a minute.`);
  }

  #unitsOf({ plan, path }: RequestContext): number {
    if (this.#probes.has(path)) return 0;
    const own = this.#weights.get(plan.route);
    if (own !== undefined) return Math.round(own);
    return isAssetPath(path) ? Math.round(this.#options.assets * UNIT) : UNIT;
  }

  /** Asked only of who is beyond a bound. */
  #sparedOf(client: ClientAddressValue): TrafficFeatures['spared'] {
    if (this.#ports.refuses(client.group)?.code === 'never-block') return 'never-block';
    return isOwnNetwork(client) ? 'own-network' : null;
  }

  #tell(
    context: RequestContext,
    { client, second, minute, spared }: TrafficFeatures,
    excess: TrafficExcess,
  ): void {
    if (this.#told.take(client, context.nowMs) > 0) return;
    if (spared === null) this.#keeper.blocked(context.startedMs);
    this.#ports.events.emit('DDOS_DETECTED', {
      ...requestFields(context),
      subject: client,
      details: { excess, second: Math.floor(second), minute: Math.floor(minute), spared, mode: this.mode },
    });
  }

  /** Beyond the budget a client is refused as long as it goes on, and not blocked: nobody can have the world blocked. */
  #block({ client, nowMs, startedMs }: RequestContext, reason: string): void {
    if (this.#budget.take('blocks', nowMs) > 0) return;
    this.#ports.block({ target: client.group, reason, ttlMs: this.#options.blockFor });
    this.#forget(client.group, startedMs);
    this.#hot.blocked(client.group);
  }

  #forget(client: string, steadyMs: number): void {
    this.#clients.forget(client);
    this.#peers.forget(client, steadyMs);
  }
}

const OWN: readonly Cidr[] = (['linklocal', 'uniquelocal', 'loopback'] as const).flatMap(
  (name) => rangesOf(name) ?? [],
);
const EDGE: readonly Cidr[] = rangesOf('cloudflare') ?? [];

/**
 * A proxy that nobody named in `trustProxy` hides everybody behind its own address: whoever floods through it would have
 * all of them blocked. So private addresses are told of, never blocked, and so are those of a well-known edge that is
 * the peer itself.
 */
function isOwnNetwork({ address, forwarded }: ClientAddressValue): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) return true;
  return (
    OWN.some((range) => contains(range, parsed)) ||
    (!forwarded && EDGE.some((range) => contains(range, parsed)))
  );
}
