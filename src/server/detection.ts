import type { Clock, Timers } from '../core/clock.ts';
import type { RampartEvent } from '../core/events.ts';
import type { Watcher } from '../core/watcher.ts';
import { createDetector, type Detector, type DetectOptions } from '../modules/detect/index.ts';
import type { CounterStore } from '../ports/counter.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import type { House } from './house.ts';

/** What detection stands on. */
export interface DetectionParts {
  /** Where all nodes count. */
  readonly counters: CounterStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Asked late: the house is built with the watcher. */
  readonly house: () => Pick<House, 'events' | 'traffic' | 'shield'>;
}

/** Detection, running. */
export interface OpenedDetection {
  readonly detector: Detector;
  /** Detections of this node by detector, since the start; those that go on count once. */
  readonly detected: ReadonlyMap<string, number>;
  /** The station of the event corridor. */
  readonly watcher: Watcher;
  /** Looks at an audit event, which was written in the transaction of its act and does not walk the corridor. */
  readonly take: (event: RampartEvent) => void;
  /** Begins to measure traffic. */
  start(): void;
  /**
   * Ends the measuring, looks at what waits and brings what it says through the event corridor. After the house is closed,
   * which brings the last events here, and before what keeps them.
   */
  close(): Promise<void>;
}

/**
 * Groups of one way of counting that this process holds; with Redis, while that is silent. Ten thousand of the widest
 * rows are 10 MB.
 */
const LOCAL_GROUPS = 10_000;
const MINUTE_MS = 60_000;

/** Makes the detector of a server or an application. @throws OptionsError naming the path and the reason */
export function openDetection(options: DetectOptions, parts: DetectionParts): OpenedDetection {
  const { clock, timers, house } = parts;
  // Not the counters of the limits: a flood of groups must not drive out those who are limited.
  const local = memoryCounters({ clock, maxKeys: LOCAL_GROUPS });
  const detected = new Map<string, number>();
  const detector = createDetector(options, {
    store: parts.counters.kind === 'memory' ? local : parts.counters,
    local,
    clock,
    timers,
    events: () => house().events,
    onDetection: ({ rule, updated }) => {
      if (!updated) detected.set(rule, (detected.get(rule) ?? 0) + 1);
    },
    placeOf: (address) => house().shield.places?.find(address),
    comesBack: true,
  });
  let cancel: (() => void) | undefined;
  const measure = (): void => {
    const { requests, errors, refused, p50Ms, p95Ms } = house().traffic.takeMinute();
    if (requests > 0)
      house().events.emit('TRAFFIC_MEASURED', {
        details: { requests, errors, refused, p50Ms, p95Ms, nodes: 1 },
      });
    again();
  };
  /** At the full minute, so that the sums of several nodes fall together. */
  const again = (): void => {
    cancel = timers.after(MINUTE_MS - (clock.now() % MINUTE_MS), measure);
  };
  return {
    detector,
    detected,
    watcher: detector.watcher,
    take: (event) => detector.take(event),
    start() {
      if (options.enabled === false) return;
      house().traffic.takeMinute();
      again();
    },
    async close() {
      cancel?.();
      await detector.close();
      await house().events.close();
    },
  };
}
