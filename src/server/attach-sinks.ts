import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { Bus } from '../ports/bus.ts';
import type { Kept } from './attach-stores.ts';
import type { ReadConfig } from './config.ts';
import type { House } from './house.ts';
import { openServerSinks } from './sinks/open.ts';

/** What sinks inside an application are opened on. */
export interface AttachedSinkParts {
  readonly house: House;
  readonly log: Logger;
  readonly config: Pick<ReadConfig, 'sinks'>;
  /** The database of the records, else the application's own. */
  readonly ground: Pick<Kept, 'sql'>;
  readonly bus: Bus;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
}

/** Sends events of an application to its sinks. @throws OptionsError where a range of a sink is none */
export async function openAttachedSinks(parts: AttachedSinkParts): Promise<void> {
  const { house, log, config, ground, bus, closers } = parts;
  const opened = openServerSinks(config.sinks, {
    sql: ground.sql,
    clock: systemClock,
    timers: systemTimers,
    log,
    bus,
    events: house.events,
    node: house.node,
  });
  closers.push(() => opened.close());
  await opened.start();
}
