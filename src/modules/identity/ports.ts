import type { Clock, Timers } from '../../core/clock.ts';
import type { EventFields, EventSink, EventType, RampartEvent } from '../../core/events.ts';
import type { Bus } from '../../ports/bus.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import type { SecretBox } from '../../base/secrets/index.ts';

/** A running transaction in which audit events are written beside their act: neither is without the other. */
export interface IdentityTransaction extends SqlRunner {
  /** Writes an audit event. Once the transaction has committed, those who watch are told. */
  audit(type: EventType, fields: EventFields): Promise<void>;
}

/** A mail, ready to be sent. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What it is for, such as `sign-up` or `new-device`: for the log and the mailbox, never the content. */
  readonly kind: string;
}

/** Sends mails. */
export interface Mailer {
  readonly kind: 'smtp' | 'mailbox';
  /** Resolves once the mail was taken over; rejects when it was not. Never logs its content. */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

/** Sends short messages. */
export interface SmsSender {
  readonly kind: 'http' | 'mailbox';
  /** @param to E.164, such as `+4915112345678` */
  send(to: string, text: string): Promise<void>;
}

/** A point on the earth, and how far off it may be. */
export interface GeoPoint {
  /** Degrees, -90 to 90. */
  readonly latitude: number;
  /** Degrees, -180 to 180. */
  readonly longitude: number;
  /** Kilometres. */
  readonly accuracyKm: number;
}

/** Where an address is, as far as a local database tells. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly city?: string;
  /** Absent where the database knows no coordinates, or none that mean anything. */
  readonly point?: GeoPoint;
  /** The address is of Tor, a VPN or a hosting provider: it does not say where its user is. */
  readonly hidden?: boolean;
}

/** Words for people who run the house. */
export interface IdentityLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What identity stands on. */
export interface IdentityPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** For signals; audit events go through `transaction`. */
  readonly events: EventSink;
  /** Tells other nodes of revocations at once; the database tells them again within a second. */
  readonly bus: Bus;
  /** Seals secrets at rest. */
  readonly box: SecretBox;
  /** 32 bytes, the same on every node, from which keys of single purposes are derived (HKDF). */
  readonly secret: Uint8Array;
  readonly mailer: Mailer;
  readonly sms: SmsSender;
  /** Absent where no database of places is configured. */
  readonly placeOf?: (address: string) => Place | undefined;
  /** Whether nothing is taken from an account at present; it is then answered as a locked one is. Must not throw. */
  readonly isBlocked?: (account: string) => boolean;
  readonly log: IdentityLog;
  /** Runs `work` in one transaction; see `IdentityTransaction`. */
  transaction<T>(work: (tx: IdentityTransaction) => Promise<T>): Promise<T>;
}

/** What writes audit events for `transactions`. */
export interface AuditPort {
  /** Name of this node, for the event. */
  readonly node: string;
  readonly write: (sql: SqlRunner, event: RampartEvent) => Promise<void>;
  /** Told after the commit. Must not throw. */
  readonly announce?: (event: RampartEvent) => void;
}
