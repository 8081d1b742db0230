import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { RampartEvent } from '../core/events.ts';
import type { Identity } from '../modules/identity/index.ts';
import type { ReadResponses } from '../modules/respond/index.ts';
import type { Bus } from '../ports/bus.ts';
import type { AlertLink } from './alerts/link.ts';
import type { Kept } from './attach-stores.ts';
import type { House } from './house.ts';
import { type OpenedResponses, openResponses } from './responses/open.ts';

/** What the responses of an application stand on. */
export interface AttachedResponseParts {
  readonly options: ReadResponses;
  readonly node: string;
  readonly log: Logger;
  readonly kept: Pick<Kept, 'stores'>;
  /** Asked late: the house is built with the guards. */
  readonly house: () => House;
  readonly identity: () => Identity | null;
  readonly bus: Bus;
  readonly alerts: AlertLink;
  readonly announce: (event: RampartEvent) => void;
}

/** Responses inside an application: it does what is decided anywhere, and decides on what its own detectors see. */
export function attachResponses({ kept, announce, ...parts }: AttachedResponseParts): OpenedResponses {
  return openResponses({
    ...parts,
    stores: kept.stores,
    clock: systemClock,
    timers: systemTimers,
    notice: announce,
    changed: () => undefined,
    application: true,
  });
}
