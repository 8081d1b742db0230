import type { Finisher, Guard, RouteInfo } from '../../../core/guard.ts';
import { TrafficGuard, type TrafficPorts } from './guard.ts';
import { PostureKeeper, type PostureView } from './keeper.ts';
import { readTrafficOptions, type TrafficOptions } from './options.ts';
import type { ClientReport } from './peers.ts';
import type { PostureLevel } from './posture.ts';

export { TRAFFIC_BLOCKER } from './blocker.ts';

/** Patterns of traffic of one node. */
export interface Traffic {
  readonly guard: Guard;
  /** Learns who looks for what is not there. */
  readonly finisher: Finisher;
  /** The posture that holds now. */
  posture(): PostureView;
  /** The level alone, as the last request or question left it: costs nothing. */
  level(): PostureLevel;
  /** Takes over what another node says of itself. */
  heard(node: string, level: PostureLevel): void;
  /** Takes over what another node says of its clients. */
  heardClients(node: string, report: ClientReport): void;
  /** Has `tell` called with the clients of this node that send much, once a second while there are any; `undefined` ends it. */
  onClients(tell: ((report: ClientReport) => void) | undefined): void;
  /** Has `tell` called with this node's level: at each change, and every 20 s while it is not normal. */
  onOwnLevel(tell: (level: PostureLevel) => void): void;
}

/**
 * Counts requests by client and for the whole site. Phase `admit`: hand the guard to the corridor right behind the block
 * list, so that whoever is blocked counts no more.
 * @param settingsOf a route's own settings: `false` for not counted, `undefined` for those of the module
 * @throws OptionsError naming the path and the reason; for routes when the corridor is compiled
 */
export function trafficPatterns(
  options: TrafficOptions,
  ports: TrafficPorts,
  settingsOf: (route: RouteInfo) => unknown = () => undefined,
): Traffic {
  const read = readTrafficOptions('shield.traffic', options);
  const { clock, events } = ports;
  let tellOwn: (level: PostureLevel) => void = () => undefined;
  const keeper = new PostureKeeper(
    {
      sensitivity: read.sensitivity,
      warmUpMs: read.warmUp,
      onOwn: (level) => tellOwn(level),
      onChange: ({ from, to, view }) =>
        events.emit('POSTURE_CHANGED', {
          subject: to,
          details: { from, to, rate: Math.round(view.rate), usual: rounded(view.usual), nodes: view.nodes },
        }),
    },
    clock.now(),
    clock.monotonic(),
  );
  const guard = new TrafficGuard(read, ports, keeper, settingsOf);
  return {
    guard,
    finisher: guard,
    posture: () => keeper.view(clock.now(), clock.monotonic()),
    level: () => keeper.level,
    heard: (node, level) => keeper.heard(node, level, clock.now(), clock.monotonic()),
    heardClients: (node, report) => guard.heard(node, report),
    onClients: (tell) => guard.onReport(tell),
    onOwnLevel(tell) {
      tellOwn = tell;
    },
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
