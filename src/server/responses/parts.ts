import type { Logger } from '../../base/observe/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { RampartEvent } from '../../core/events.ts';
import type { Identity } from '../../modules/identity/index.ts';
import type { ReadResponses } from '../../modules/respond/index.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Stores } from '../data/index.ts';
import type { AlertLink } from '../alerts/link.ts';
import type { House } from '../house.ts';

/** What automatic responses stand on. */
export interface ResponseParts {
  readonly options: ReadResponses;
  readonly node: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly stores: Pick<Stores, 'sql' | 'responses' | 'events' | 'lists' | 'detections'>;
  readonly bus: Bus;
  /** Asked late: the house is built with the guards. */
  readonly house: () => Pick<House, 'blocks' | 'shield'>;
  /** Accounts; null where the application has a login of its own. Asked late. */
  readonly identity: () => Pick<Identity, 'accounts'> | null;
  /** The key that opens the console when nothing else does; absent inside an application. */
  readonly operatorKey?: string;
  /** Inside an application: what lies under /admin is its own, and no console. */
  readonly application?: boolean;
  /** Alerts that responses are begun for; absent where there are none. */
  readonly alerts?: AlertLink;
  /** Tells whoever watches of an audit event that is certain. */
  readonly notice: (event: RampartEvent) => void;
  /** Tells whoever shows responses that some changed. */
  readonly changed: () => void;
}

/** Told on the bus when responses changed; all nodes read them from the database again. */
export const RESPONSES_CHANNEL = 'rampart:responses';
