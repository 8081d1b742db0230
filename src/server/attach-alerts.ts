import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { Bus } from '../ports/bus.ts';
import { type OpenedAlerts, openServerAlerts } from './alerts/open.ts';
import type { Kept } from './attach-stores.ts';
import type { ReadConfig } from './config.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';

/** What alerts inside an application are opened on. */
export interface AttachedAlertParts {
  readonly house: House;
  readonly log: Logger;
  readonly config: Pick<ReadConfig, 'alerts'>;
  /** The database of the records, else the application's own. */
  readonly ground: Pick<Kept, 'sql'> & { readonly pump?: Kept['pump'] };
  readonly bus: Bus;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
}

/**
 * Opens alerts inside an application, on the database that the console reads, else on the application's own.
 * @returns undefined where they are switched off
 * @throws OptionsError naming the path and the reason
 */
export function openAttachedAlerts(parts: AttachedAlertParts): OpenedAlerts | undefined {
  const { house, log, config, ground, bus, closers } = parts;
  const publicUrl = process.env['RAMPART_PUBLIC_URL'];
  const opened = openServerAlerts(config.alerts, {
    sql: ground.sql,
    clock: systemClock,
    timers: systemTimers,
    log,
    bus,
    environment: readEnvironment(process.env, false),
    events: house.events,
    shed: () => house.events.shed + (ground.pump?.shed ?? 0),
    publicUrl: () => (publicUrl === '' ? undefined : publicUrl),
    // Links would lead to the console, which the application does not serve.
    consoleUrl: () => undefined,
  });
  opened?.start();
  if (opened !== undefined) closers.push(() => opened.close());
  return opened;
}
