import type { Clock, Timers } from '../../../core/clock.ts';
import type { EventFields, EventSink, EventType } from '../../../core/events.ts';
import type { Bus } from '../../../ports/bus.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';

/** A running transaction in which audit events are written beside their act: neither is without the other. */
export interface GrantTransaction extends SqlRunner {
  /** Writes an audit event. Once the transaction has committed, those who watch are told. */
  audit(type: EventType, fields: EventFields): Promise<void>;
}

/** What the policy knows of roles and permissions. */
export interface PolicyWords {
  /** Roles that may be assigned. */
  readonly roles: readonly string[];
  /** A role and every role that it inherits. */
  closure(role: string): readonly string[];
  /** Whether a scope names something of the policy: `orders:read`, `orders:*`. */
  isScope(scope: string): boolean;
}

/** Where accounts are kept that have roles of their own. */
export interface SubjectPort {
  /**
   * Roles that the subject has of itself, now; `undefined` where there is no such subject or it may not act,
   * `elsewhere` where the application keeps its people itself.
   * @param hold keeps them from being changed until the transaction ends
   */
  rolesOf(
    sql: SqlRunner,
    subject: string,
    hold: boolean,
  ): Promise<readonly string[] | 'elsewhere' | undefined>;
}

/** Words for people who run the house. */
export interface GrantLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What grants stand on. */
export interface GrantPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly bus: Bus;
  /** For signals; audit events go through `transaction`. */
  readonly events: EventSink;
  readonly log: GrantLog;
  /** 32 bytes, the same on every node: key of the hashes of API keys. */
  readonly secret: Uint8Array;
  /** Stands in every API key, so that one of another environment is refused: `live` or `test`. */
  readonly environment: 'live' | 'test';
  readonly policy: PolicyWords;
  readonly subjects: SubjectPort;
  transaction<T>(work: (tx: GrantTransaction) => Promise<T>): Promise<T>;
}

/** Who acts, for the audit trail. */
export interface GrantActor {
  /** A principal's id. */
  readonly id: string;
  readonly address: string;
}
