import type { KeyPurpose, KeyWrapper } from '../../base/secrets/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventFields, EventType } from '../../core/events.ts';
import type { Bus } from '../../ports/bus.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';

/** Words for people who run the house. */
export interface KeyLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the keys stand on. */
export interface KeyPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Wraps new keys. */
  readonly wrapper: KeyWrapper;
  /** Unwrap what was wrapped before another one was configured, by name. */
  readonly older?: readonly KeyWrapper[];
  /** Keys that are derived and not kept: the first one for what identity seals. */
  readonly derive: (purpose: KeyPurpose) => Uint8Array | undefined;
  /** Tells other nodes of changes at once; they look every second all the same. Absent: they only look. */
  readonly bus?: Bus;
  readonly log: KeyLog;
  /** Writes an audit event in the transaction of its act. */
  readonly audit: (tx: SqlRunner, type: EventType, fields: EventFields) => Promise<void>;
}
