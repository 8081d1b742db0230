// Not through their door, which brings a package along.
import type { PartitionPlan } from '../base/database/partitions.ts';
import { queryLogFields, type QueryLogOptions } from '../base/database/query-log.ts';
import type { HardenOptions } from '../adapters/node/index.ts';
import type { RouteRule } from '../core/corridor.ts';
import { OptionsError } from '../core/errors.ts';
import type { PrincipalValue } from '../core/fact.ts';
import {
  custom,
  type Field,
  type Fields,
  flag,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  record,
} from '../core/options.ts';
import { type OwnEventKinds, type OwnEvents, readOwnEvents } from '../core/own-events.ts';
import type { ProxyOptions, TrustProxy } from '../core/proxy.ts';
import type { ErrorFormat } from '../core/reply.ts';
import type { RequestView } from '../core/request.ts';
import { type AuditOptions, readAuditOptions } from '../modules/audit/options.ts';
import type { BrowserOptions, BrowserRouteOptions } from '../modules/browser/index.ts';
import type { DetectOptions } from '../modules/detect/index.ts';
import type { FreshAuthOptions } from '../modules/identity/fresh-auth.ts';
import type { IdentityOptions } from '../modules/identity/options.ts';
import type { ROUTE_WORDS } from '../modules/access/guard.ts';
import type { LimitPolicyOptions, LimitsOptions } from '../modules/limit/index.ts';
import {
  type AlertOptions,
  type ReadResponses,
  readResponseOptions,
  type ResponseOptions,
} from '../modules/respond/index.ts';
import type { BlockListOptions } from '../modules/shield/index.ts';
import type { ReadSink, SinksOptions } from '../modules/sinks/options.ts';
import { readSinks } from '../modules/sinks/read-options.ts';
import type { UploadOptions } from '../modules/upload/options.ts';
import type { AccessOptions } from './access.ts';
import { hashOf, policyOf } from './config-policy.ts';
import {
  type ReadRetention,
  readRetention,
  refuseUnknownTypes,
  type RetentionOptions,
} from './retention-options.ts';
import { readUploads, readUploadStore, type UploadStoreOptions } from './uploads/options.ts';
import type { ShieldOptions, ShieldRouteOptions } from './shield.ts';
import { backupFields, type BackupOptions, type ReadBackupOptions } from './backup/options.ts';
import { readAlerts, readPartitions } from './config-parts.ts';
import { type ReadRecords, readRecords, type RecordOptions } from './record-options.ts';
import { type EncryptedOptions, readEncrypted } from './keys/options.ts';

export type { RecordOptions } from './record-options.ts';
export { findConfigFile, loadConfigFile } from './config-file.ts';

/** Accounts as the one file configures them; `publicUrl` is RAMPART_PUBLIC_URL unless given. */
export type AccountOptions = Omit<IdentityOptions, 'publicUrl'> & Partial<Pick<IdentityOptions, 'publicUrl'>>;

/** What is said about the requests of a route. */
export interface RouteOptions<LimitName extends string = string, Permission extends string = string> {
  /** Policies that act here, beside those that act everywhere; `false` for none at all. */
  readonly limit?: LimitName | readonly LimitName[] | false;
  /** What differs here of the headers, CORS and CSRF rules; `false` switches them off. */
  readonly browser?: BrowserRouteOptions | false;
  /** What differs here of the shield; `false` switches it off. */
  readonly shield?: ShieldRouteOptions | false;
  /** A factor must have been proven recently here: `true`, or `{ within: '10m', factor: 'any' }`. Needs `identity`. */
  readonly freshAuth?: FreshAuthOptions | boolean;
  /**
   * Permission that the caller needs, or `anybody`, `signed-in`, or `handler` where the application's own `guard.require`
   * asks. Needs `access`.
   */
  readonly require?: Permission | (typeof ROUTE_WORDS)[number];
  /** Takes payments: refused while a response freezes them; default false. */
  readonly payments?: boolean;
}

/** What is said about the database. */
export interface DatabaseConfig {
  /** From which durations on statements are counted (`counted`, default 100ms) and listed (`slow`, default 1s). */
  readonly queries?: QueryLogOptions;
  /** Tables of the application, partitioned by month or by a list of values; looked after every six hours. */
  readonly partitions?: readonly PartitionPlan[];
}

/** The one file: everything about how an application is protected. Every member has a safe default. */
export interface RampartConfig<LimitName extends string = string, Permission extends string = string> {
  /** Whom to believe about forwarded addresses; default nobody. */
  readonly trustProxy?: TrustProxy;
  /** Header that the trusted proxies write; default x-forwarded-for. */
  readonly forwardedHeader?: NonNullable<ProxyOptions['header']>;
  /** More forwarded hops than this are refused, 1 to 32; default 5. */
  readonly maxForwardedHops?: number;
  /** IPv6 clients count by this prefix, 48 to 128; default 64. */
  readonly ipv6Bits?: number;
  /** Policies by name. */
  readonly limits?: Readonly<Record<LimitName, LimitPolicyOptions>>;
  /** How the limits meet a store that fails. */
  readonly limitStore?: Pick<LimitsOptions, 'storeBudget' | 'failuresToOpen' | 'probeEvery'>;
  /** Rules by pattern: `'POST /auth/*'`, `'/orders/:id'`. The most specific one counts. */
  readonly routes?: Readonly<Record<string, RouteOptions<NoInfer<LimitName>, NoInfer<Permission>>>>;
  /** Headers, Content-Security-Policy, CORS and CSRF; `false` for none. */
  readonly browser?: BrowserOptions | false;
  /** Bounds of the block list. */
  readonly blocks?: BlockListOptions;
  /** Header sanity, bots, traffic patterns, challenge and inspection; `false` for none. */
  readonly shield?: ShieldOptions | false;
  /** Who calls, for an application with a login of its own; `null` for nobody. */
  readonly identify?: (request: RequestView) => PrincipalValue | null | Promise<PrincipalValue | null>;
  /** Accounts: sign-up, sign-in, sessions, second factors, passkeys; `false` (default but for `rampart start` without a file) for none. */
  readonly identity?: AccountOptions | false;
  /** Who may do what: roles, rules and grants; `false` (default but for `rampart start` without a file) for no policy. */
  readonly access?: AccessOptions<Permission> | false;
  /** Events that only this application knows: what `defineEvents` gives, or a list of such. */
  readonly events?: OwnEvents | readonly OwnEvents[];
  /** What is looked for in the stream of events: shipped rules tuned or switched off, and rules of your own. */
  readonly detect?: DetectOptions;
  /** What is done by itself about what detectors see: `mode` `shadow` (default), `enforce` or `off`, rules and budget. */
  readonly responses?: ResponseOptions;
  /** What becomes an alert, and who is told of it: mail, Slack, PagerDuty, webhooks, the log. */
  readonly alerts?: AlertOptions;
  /** Where events are sent to, by name: log, webhook, syslog, Elasticsearch or OpenSearch, OTLP ([docs](sinks.md)). */
  readonly sinks?: SinksOptions;
  /** Kinds of uploads by name, for `guard.upload`: types, limits, scanner. */
  readonly uploads?: Readonly<Record<string, UploadOptions>>;
  /** Where their files lie: `{ s3: { bucket, region } }`; default the data folder. */
  readonly uploadStore?: UploadStoreOptions;
  /** Encrypted columns by table, such as `app.customers`: what `rampart keys rotate` goes through, and rampart/secrets opens. */
  readonly encrypted?: Readonly<Record<string, EncryptedOptions>>;
  /** Encrypted backups that `rampart start` makes by itself; absent: none. */
  readonly backup?: BackupOptions;
  /** How often audit events are given their places in the log, and checkpoints of it are signed. */
  readonly audit?: AuditOptions;
  /** Which statements count as slow, and tables whose partitions `rampart start` keeps in order. */
  readonly database?: DatabaseConfig;
  /** What a connection to `rampart start` may cost: time, room, company. An application calls `hardenServer` itself. */
  readonly connections?: HardenOptions;
  /** How errors look: `auto` (default) follows the Accept header. */
  readonly errors?: { readonly format?: ErrorFormat; readonly development?: boolean };
  /** Which decisions are kept, and for how long. */
  readonly records?: RecordOptions;
  /** How long events are kept, in all and by type. */
  readonly retention?: RetentionOptions;
  /** Access line per request; default true. */
  readonly accessLog?: boolean;
}

/** A configuration that was read. */
export interface ReadConfig {
  readonly proxy: ProxyOptions;
  readonly limits: Readonly<Record<string, LimitPolicyOptions>>;
  readonly limitStore: Pick<LimitsOptions, 'storeBudget' | 'failuresToOpen' | 'probeEvery'>;
  readonly rules: readonly RouteRule[];
  readonly browser: BrowserOptions | false;
  readonly blocks: BlockListOptions;
  readonly shield: ShieldOptions | false;
  readonly identify: RampartConfig['identify'];
  readonly identity: AccountOptions | false;
  readonly access: AccessOptions | false;
  readonly events: OwnEventKinds;
  readonly detect: DetectOptions;
  readonly responses: ReadResponses;
  readonly alerts: AlertOptions;
  readonly sinks: readonly ReadSink[];
  readonly uploads: Readonly<Record<string, UploadOptions>>;
  readonly uploadStore: UploadStoreOptions;
  readonly encrypted: Readonly<Record<string, EncryptedOptions>>;
  readonly backup: ReadBackupOptions | undefined;
  readonly audit: AuditOptions;
  readonly database: { readonly queries: QueryLogOptions; readonly partitions: readonly PartitionPlan[] };
  readonly connections: HardenOptions;
  readonly errors: { readonly format: ErrorFormat; readonly development: boolean };
  readonly records: ReadRecords;
  readonly retention: ReadRetention;
  readonly accessLog: boolean;
  /** SHA-256 of everything that decides, 32 hex characters: the name of this policy in decision records. */
  readonly policyHash: string;
  /** What the hash was made of, as plain data. */
  readonly policy: unknown;
}

/** Gives a configuration its types: routes may only name limits that exist. */
export function defineRampart<const LimitName extends string = never, Permission extends string = string>(
  config: RampartConfig<LimitName, Permission>,
): RampartConfig<LimitName, Permission> {
  return config;
}

/** What the module reads by itself. */
const passThrough = <T>(about: string): Field<T> => custom(about, (value) => value as T, true);

interface Raw {
  trustProxy: TrustProxy;
  forwardedHeader: NonNullable<ProxyOptions['header']>;
  maxForwardedHops: number;
  ipv6Bits: number;
  limits: Readonly<Record<string, LimitPolicyOptions>>;
  limitStore: ReadConfig['limitStore'] | undefined;
  routes: Readonly<Record<string, RouteOptions>>;
  browser: BrowserOptions | false | undefined;
  blocks: BlockListOptions | undefined;
  shield: ShieldOptions | false | undefined;
  identify: RampartConfig['identify'];
  identity: AccountOptions | false | undefined;
  access: AccessOptions | false | undefined;
  events: OwnEventKinds;
  detect: DetectOptions | undefined;
  responses: ReadResponses;
  alerts: AlertOptions | undefined;
  sinks: readonly ReadSink[];
  uploadStore: UploadStoreOptions;
  uploads: Readonly<Record<string, UploadOptions>>;
  encrypted: Readonly<Record<string, EncryptedOptions>>;
  backup: ReadBackupOptions | undefined;
  audit: AuditOptions | undefined;
  database: ReadConfig['database'];
  connections: HardenOptions | undefined;
  errors: { format: ErrorFormat; development: boolean };
  records: ReadRecords;
  retention: ReadRetention;
  accessLog: boolean;
}

const route = custom(
  'object with limit, browser, shield, freshAuth, require and payments',
  (value, path) =>
    readOptions<Record<'limit' | 'browser' | 'shield' | 'freshAuth' | 'require' | 'payments', unknown>>(
      path,
      value,
      {
        limit: passThrough('policies'),
        browser: passThrough('browser rules'),
        shield: passThrough('shield rules'),
        freshAuth: passThrough('freshness of a factor'),
        require: passThrough('permission'),
        payments: passThrough('whether it takes payments'),
      },
    ) as RouteOptions,
);

/** What each module checks by itself is passed through; the rest is checked here. */
const FIELDS: Fields<Raw> = {
  trustProxy: custom(
    'false, a hop count, or ranges and presets',
    (value) => (value ?? false) as TrustProxy,
    true,
  ),
  forwardedHeader: oneOf(
    ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'x-real-ip'],
    'x-forwarded-for',
  ),
  maxForwardedHops: number({ min: 1, max: 32, default: 5 }),
  ipv6Bits: number({ min: 48, max: 128, default: 64 }),
  limits: record(passThrough<LimitPolicyOptions>('policy'), { default: {} }),
  limitStore: passThrough('storeBudget, failuresToOpen, probeEvery'),
  routes: record(route, { default: {} }),
  browser: passThrough('browser options, or false'),
  blocks: passThrough('block list options'),
  shield: passThrough('shield options, or false'),
  identify: optional(custom('a function', readFunction)),
  identity: passThrough('options of accounts, or false'),
  access: passThrough('policy of access, or false'),
  events: custom(
    'what defineEvents gives',
    (value, path) => readOwnEvents(value as RampartConfig['events'], path),
    true,
  ),
  detect: passThrough('what is looked for in events'),
  responses: custom(
    'mode, rules, budget, stage, harm, goodAfter, approvalWithin',
    (value, path) => readResponseOptions((value ?? {}) as ResponseOptions, path),
    true,
  ),
  alerts: custom('what becomes an alert, and who is told', readAlerts, true),
  sinks: custom('where events are sent to, by name', readSinks, true),
  uploads: custom('kinds of uploads by name', readUploads, true),
  uploadStore: custom('{ s3: { bucket, region } }', readUploadStore, true),
  encrypted: custom(
    'tables by name, with key and columns',
    (value, path) => readEncrypted(path, (value ?? {}) as ReadConfig['encrypted']),
    true,
  ),
  backup: optional(object(backupFields)),
  audit: custom(
    'sequenceEvery, checkpointEvery, checkpointEvents',
    (value, path) => {
      readAuditOptions(value ?? {}, path);
      return value as AuditOptions | undefined;
    },
    true,
  ),
  database: object(
    {
      queries: custom(
        'durations',
        (value, path) => {
          readOptions(path, value ?? {}, queryLogFields);
          return value ?? {};
        },
        true,
      ),
      partitions: custom('a list of tables', readPartitions, true),
    },
    {},
  ),
  connections: passThrough('bounds of connections'),
  errors: object({ format: oneOf(['auto', 'envelope', 'problem'], 'auto'), development: flag(false) }, {}),
  records: custom('what is kept', readRecords, true),
  retention: custom('events', readRetention, true),
  accessLog: flag(true),
};

function readFunction(value: unknown, path: string): RampartConfig['identify'] {
  if (typeof value !== 'function') throw new OptionsError(path, 'expected a function');
  return value as RampartConfig['identify'];
}

/**
 * Checks a configuration.
 * @throws OptionsError naming the path and the reason
 */
export function readConfig(given: RampartConfig): ReadConfig {
  const raw = readOptions<Raw>('', given, FIELDS);
  const rules = Object.entries(raw.routes).map(([match, settings]) => ({ match, settings: { ...settings } }));
  const asking = rules.find(({ settings }) => settings['require'] !== undefined);
  if (asking !== undefined && (raw.access ?? false) === false)
    throw new OptionsError(`routes.${asking.match}.require`, 'needs a policy: `access`');
  refuseUnknownTypes(raw.retention, raw.events);
  const policy = policyOf(raw);
  return {
    proxy: {
      trustProxy: raw.trustProxy,
      header: raw.forwardedHeader,
      maxHops: raw.maxForwardedHops,
      ipv6Bits: raw.ipv6Bits,
    },
    limits: raw.limits,
    limitStore: raw.limitStore ?? {},
    rules,
    browser: raw.browser ?? {},
    blocks: raw.blocks ?? {},
    shield: raw.shield ?? {},
    identify: raw.identify,
    identity: raw.identity ?? false,
    access: raw.access ?? false,
    events: raw.events,
    detect: raw.detect ?? {},
    responses: raw.responses,
    alerts: raw.alerts ?? {},
    sinks: raw.sinks,
    uploads: raw.uploads,
    uploadStore: raw.uploadStore,
    encrypted: raw.encrypted,
    backup: raw.backup,
    audit: raw.audit ?? {},
    database: raw.database,
    connections: raw.connections ?? {},
    errors: raw.errors,
    records: raw.records,
    retention: raw.retention,
    accessLog: raw.accessLog,
    policyHash: hashOf(policy),
    policy,
  };
}
