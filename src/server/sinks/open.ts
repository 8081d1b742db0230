import { readFile } from 'node:fs/promises';
import { readSecretVariable } from '../../base/secrets/index.ts';
import type { Logger } from '../../base/observe/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import {
  driverOf,
  type DriverPorts,
  openSinks,
  type ReadSink,
  type Sinks,
} from '../../modules/sinks/index.ts';
import type { Bus } from '../../ports/bus.ts';
import type { SqlStore } from '../../ports/sql.ts';
import type { SinkEntry } from '../api/sink-types.ts';
import { SINKS_CHANNEL } from '../api/ports.ts';
import { eventOfRow } from '../data/detections.ts';
import { VERSION } from '../version.ts';
import { sinkEntry } from './entry.ts';
import { sinkPoster } from './poster.ts';

/** What sinks of a server or an application are opened on. */
export interface SinkParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly bus: Bus;
  readonly events: EventSink;
  readonly node: string;
}

/** Sinks of a server or an application. */
export interface OpenedSinks {
  readonly sinks: Sinks;
  /** As they were known a few seconds ago; asks nobody. */
  entries(): readonly SinkEntry[];
  /** Has a sink of which `sinks.retry` ended the pause tried at once, whichever node has it. */
  wake(name: string): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens sinks on a database that was migrated. Also where none are configured: what others left is tidied up and shown.
 * @throws OptionsError where a range of a sink is none
 */
export function openServerSinks(configured: readonly ReadSink[], parts: SinkParts): OpenedSinks {
  const { log, bus, clock } = parts;
  const ports = driverPorts(configured, parts);
  const sinks = openSinks(configured, {
    ...parts,
    eventOf: eventOfRow,
    driverOf: (sink) => driverOf(sink, ports),
    failed: quietly(parts),
  });
  let unsubscribe: (() => Promise<void>) | undefined;
  return {
    sinks,
    entries: () => sinks.known().map((one) => sinkEntry(one, configured, clock.now())),
    wake(name) {
      sinks.wake(name);
      bus
        .publish(SINKS_CHANNEL, name)
        .catch((error: unknown) => log.warn('The other nodes could not be told of a retry.', { error }));
    },
    async start() {
      unsubscribe = await bus.subscribe(SINKS_CHANNEL, (name) => sinks.wake(name));
      await sinks.start();
    },
    async close() {
      await unsubscribe?.();
      await sinks.close();
    },
  };
}

/** What drivers of this process send with. @throws OptionsError where a range of a sink is none */
export function driverPorts(
  configured: readonly ReadSink[],
  { clock, timers }: Pick<SinkParts, 'clock' | 'timers'>,
): DriverPorts {
  return {
    post: sinkPoster(configured),
    secret: (name) => readSecretVariable(process.env, name),
    write: writeOut,
    file: (path) => readFile(path, 'utf8'),
    timers,
    now: () => clock.now(),
    version: VERSION,
  };
}

/** Resolves once the operating system has it: a pipe that nobody reads holds the sink back, not the memory. */
function writeOut(lines: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(lines, (error) => (error ? reject(error) : resolve()));
  });
}

const EVERY_MS = 60_000;

/** A database that is away says so at every look: one line a minute is enough. */
function quietly({ log, clock }: Pick<SinkParts, 'log' | 'clock'>): (error: unknown) => void {
  let nextMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = clock.monotonic();
    if (now < nextMs) return;
    nextMs = now + EVERY_MS;
    log.warn('Sinks cannot go on; they are tried again.', { error });
  };
}
