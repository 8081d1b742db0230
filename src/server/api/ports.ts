import type { Clock, Timers } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Decider } from '../../core/decide.ts';
import type { EventKind, EventSink } from '../../core/events.ts';
import type { Phase } from '../../core/guard.ts';
import type { Intake } from '../../core/intake.ts';
import type { Reply } from '../../core/verdict.ts';
import type { Detector } from '../../modules/detect/index.ts';
import type { Identity } from '../../modules/identity/facade.ts';
import type { Mailbox } from '../../modules/identity/notify/index.ts';
import type { Alerts } from '../../modules/respond/index.ts';
import type { BlockList, BlockPlaces, Feeds } from '../../modules/shield/index.ts';
import type { Bus } from '../../ports/bus.ts';
import type { OpenedAccess } from '../access.ts';
import type { OpenedAudit } from '../audit/open.ts';
import type { Stores } from '../data/index.ts';
import type { OpenedKeys } from '../keys/open.ts';
import type { ReadResponses } from '../../modules/respond/index.ts';
import type { ResponseEngine } from '../responses/engine.ts';
import type { RotationRunner } from '../keys/runner.ts';
import type { ShieldPort } from '../shield-port.ts';
import type { OpenedSinks } from '../sinks/open.ts';
import type { OpenedUploads } from '../uploads/open.ts';
import type { LiveHub } from './live.ts';
import type { QueryPort } from './routes/queries.ts';
import type {
  CspAnswer,
  HealthAnswer,
  LimitHistogramAnswer,
  LimitKeysAnswer,
  LimitsAnswer,
  ListEntry,
} from './types.ts';

/** Told on the bus when blocks changed; all nodes read them from the database again. */
export const BLOCKS_CHANNEL = 'rampart:blocks';
/** Told on the bus when the lists of the limits changed. */
export const LIMITS_CHANNEL = 'rampart:limits';
/** Told on the bus when what inspection leaves out changed. */
export const EXCLUSIONS_CHANNEL = 'rampart:exclusions';

/** Told on the bus when alerts changed. */
export const ALERTS_CHANNEL = 'rampart:alerts';
/** Told on the bus, with the name of a sink, when it is to be tried again at once. */
export const SINKS_CHANNEL = 'rampart:sinks';

/** What the API knows of the house that does not change while it runs. */
export interface ApiFacts {
  readonly version: string;
  /** Name of this node. */
  readonly node: string;
  /** Folder of the built console, absolute; null when it was not built (its pages then answer 404). */
  readonly consoleDir: string | null;
  /** Bearer key of the command line, kept in a file of the data folder: at least 32 characters. */
  readonly operatorKey: string;
  /** Signs the sample application's tokens: at least 32 bytes, the same on every node. */
  readonly secret: Uint8Array;
  /** Contacts for security.txt (RFC 9116): `mailto:` or `https:` URIs. Empty: there is no such file. */
  readonly securityContacts: readonly string[];
  /** Address by which people reach the server, such as `https://example.org`; for links. */
  readonly publicUrl?: string;
}

/** The limits as the console manages them. */
export interface LimitsPort {
  /** Policies and the state of their store; the lists come from the database. */
  state(): Promise<Omit<LimitsAnswer, 'allow' | 'deny'>>;
  /** The busiest keys of a policy that contain `search`; `undefined` when there is no such policy. */
  keys(policy: string, search: string): Promise<LimitKeysAnswer | undefined>;
  /** `undefined` when there is no such policy. */
  histogram(policy: string): Promise<LimitHistogramAnswer | undefined>;
  /** Forgets the counters of a key. @returns whether there were any; `undefined` when there is no such policy */
  reset(policy: string, key: string): Promise<boolean | undefined>;
  /** Takes over both lists as they stand in the database. */
  replaceLists(lists: { readonly allow: readonly ListEntry[]; readonly deny: readonly ListEntry[] }): void;
}

/** Whether the house stands. */
export interface HealthPort {
  /** The process works; false asks the platform to start it anew. */
  live(): boolean;
  /** Requests may be sent here; false while starting and draining. */
  ready(): boolean;
  /** The start is over. */
  started(): boolean;
  /** Everything, for administrators. */
  report(): Promise<HealthAnswer>;
}

/** Reports of browsers about the Content-Security-Policy. */
export interface CspPort {
  /** Takes a report's body (at most 64 KiB). @returns false when it could not be read */
  take(contentType: string, body: string, address: string): boolean;
  groups(): CspAnswer['groups'];
}

/** Files that people send. */
export interface UploadsPort extends Pick<OpenedUploads, 'store' | 'records' | 'uploaders'> {
  /** What receives a request's files; `undefined` for a name that is not configured. */
  readonly intake: (name: string) => Intake | undefined;
}

/** Automatic responses as the console manages them. */
export interface ResponsesPort {
  readonly engine: ResponseEngine;
  readonly mode: ReadResponses['mode'];
  readonly budget: ReadResponses['budget'];
}

/** Alerts as the console manages them. */
export interface AlertsPort {
  readonly alerts: Pick<Alerts, 'options' | 'store' | 'deliveries' | 'book' | 'kick'>;
  /** Tells every node that something changed. */
  readonly changed: () => void;
}

/** Words for people who run the house. */
export interface ApiLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the HTTP API stands on. */
export interface ApiPorts {
  readonly facts: ApiFacts;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The list in force on this node; the API writes the database and has it read again. */
  readonly blocks: Pick<BlockList, 'refuses' | 'find' | 'findCaller' | 'hits' | 'replaceAll'>;
  /** Where addresses are, for counting whom a block of a network or country hits; absent where nobody knows. */
  readonly places?: BlockPlaces | undefined;
  readonly limits: LimitsPort;
  /** Absent where there is no corridor. */
  readonly shield?: ShieldPort;
  readonly health: HealthPort;
  readonly csp: CspPort;
  /** Statements of this node; absent where nothing is measured. */
  readonly queries?: QueryPort;
  readonly live: LiveHub;
  readonly bus: Bus;
  /** Accounts; null where the application has a login of its own. */
  readonly identity: Identity | null;
  /** Mails and messages that were kept instead of being sent; null where they go out. */
  readonly mailbox: Mailbox | null;
  /** The policy and its grants; null where none is configured. */
  readonly access: OpenedAccess | null;
  /** Whether a domain is of throw-away mail addresses; default the feeds of this process, else the list of the package. */
  readonly isDisposableDomain?: (domain: string) => boolean;
  /** Files that people send; absent where none are taken. */
  readonly uploads?: UploadsPort;
  /** Keys and their rotations; absent where none are managed. */
  readonly keys?: OpenedKeys & { readonly rotations: RotationRunner };
  /** Files that are brought up to date; absent or null where none are configured. */
  readonly feeds?: Pick<Feeds, 'feeds' | 'status' | 'update'> | null;
  /** The audit log; absent where none is kept. */
  readonly audit?: OpenedAudit;
  /** What looks at events; absent where nothing does. */
  readonly detector?: Pick<Detector, 'rules' | 'state' | 'take'>;
  /** Automatic responses; absent where there are none. */
  readonly responses?: ResponsesPort;
  /** Alerts, and who is told of them; absent where there are none. */
  readonly alerts?: AlertsPort;
  /** Where events are sent to; absent where nothing is. */
  readonly sinks?: Pick<OpenedSinks, 'sinks' | 'wake'>;
  /** For signals; audit events go into the transaction of their act. */
  readonly events: EventSink;
  /** Events of the application, by type; absent: none. */
  readonly ownEvents?: Readonly<Record<string, EventKind>>;
  /** Prometheus text format, version 0.0.4. */
  metrics(): string | Promise<string>;
  /** By name, for replaying steps. */
  readonly deciders: ReadonlyMap<string, Decider>;
  /** Phase of a guard; null when the corridor has none of that name (any more). */
  phaseOf(guard: string): Phase | null;
  /** Words for what a handler threw: the gate's own. */
  fail(error: unknown, context: RequestContext | undefined): Reply;
  readonly log: ApiLog;
}

/** The part of it on which accounts stand, in the server and inside an application. */
export type AccountPorts = Pick<ApiPorts, 'facts' | 'identity' | 'stores' | 'clock' | 'fail' | 'log'>;
