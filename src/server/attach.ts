import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { bufferedSink, accessLog, createLogger, type Logger } from '../base/observe/index.ts';
import { readSecretVariable } from '../base/secrets/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { DecisionRecord, RecordSink } from '../core/decision.ts';
import type { RampartEvent } from '../core/events.ts';
import { newId } from '../core/id.ts';
import type { OwnEventKinds, OwnEvents } from '../core/own-events.ts';
import { TRAFFIC_BLOCKER } from '../modules/shield/index.ts';
import type { Bus } from '../ports/bus.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import type { OpenedAccess, PreparedAccess } from './access.ts';
import type { AttachedAccounts } from './account-app.ts';
import { type AuditWriter, auditWriter, ownAuditWriter } from './audit-writer.ts';
import type { SharedBlocks } from './attach-blocks.ts';
import type { OpenedKeys } from './keys/open.ts';
import type { AttachedUploads } from './attach-uploads.ts';
import type { OpenedUploads } from './uploads/open.ts';
import { isAccountPath } from './account-paths.ts';
import { type RampartConfig, type ReadConfig, readConfig } from './config.ts';
import { commitWatch } from './commit-watch.ts';
import { deriveKey } from './data-dir.ts';
import { inputsOf } from './alerts/inputs.ts';
import { alertLink } from './alerts/link.ts';
import type { OpenedAlerts } from './alerts/open.ts';
import { alertWatcher } from './alerts/watcher.ts';
import { openDetection } from './detection.ts';
import { openCounters, openRecords, openSharedBus, type Kept } from './attach-stores.ts';
import { readEnvironment } from './environment.ts';
import { freshGuards } from './fresh-guards.ts';
import { buildHouse, type House, type HousePorts } from './house.ts';
import { type OwnEmitter, ownEmitter } from './own-events.ts';
import { refuseFaults } from './production-checks.ts';
import { type Protect, protector } from './protect.ts';
import { type MeasuredDatabase, QueryReporter } from './query-reporter.ts';

/** Where an application's Rampart keeps things; what is left out comes from the environment. */
export interface AttachOptions {
  /** PostgreSQL server that `rampart start` uses too, so that the console shows this application; default DATABASE_URL. */
  readonly databaseUrl?: string | undefined;
  /** Redis or Valkey that all nodes share; default REDIS_URL. */
  readonly redisUrl?: string | undefined;
  /** Folder of the journal, with `databaseUrl`, and of accounts without it; default RAMPART_DATA_DIR, else .rampart. */
  readonly dataDir?: string;
  /** Default: JSON lines of level warn and above to standard error. */
  readonly log?: Logger;
  /** Where access lines go; default nowhere, since most applications have their own. */
  readonly accessLog?: { write(line: string): void };
}

/** A Rampart inside an application. */
export interface Attached {
  readonly house: House;
  /**
   * `guard.protect(server)`: bounds what connections cost (`connections` of the configuration) and lets handshakes of WebSockets
   * walk the corridor. Once for each server of node:http that the application listens with.
   * @throws OptionsError naming the path and the reason
   */
  readonly protect: Protect;
  /** The newest decisions of this process, newest first; at most 1,000. */
  recent(): readonly DecisionRecord[];
  /** Accounts, where the configuration has `identity`; else null. */
  readonly accounts: AttachedAccounts | null;
  /** Policy and grants, where the configuration has `access`; else null. */
  readonly access: OpenedAccess | null;
  /** Files that people sent, where the configuration has `uploads`; else null. */
  readonly uploads: AttachedUploads | null;
  /** Writes an audit event into a transaction on a database with the tables of Rampart. */
  readonly audit: AuditWriter;
  /**
   * Where the application emits events of its own.
   * @param definition what `defineEvents` gave; it must be in the configuration
   * @throws OptionsError where it is not
   */
  events<const Kinds extends OwnEventKinds>(definition: OwnEvents<Kinds>): OwnEmitter<Kinds>;
  /**
   * Shows the statements of a database on the console, where the records are kept in PostgreSQL; nothing otherwise.
   * `openDatabase(options, { rampart })` calls it.
   * @returns what ends it and writes the last
   */
  watchStatements(source: string, database: MeasuredDatabase): () => Promise<void>;
  /** Writes everything down and gives back connections and timers. */
  close(): Promise<void>;
}

const RECENT = 1_000;

/**
 * Composes a Rampart for an application. Limits are counted in this process, or in Redis where REDIS_URL is set; decisions
 * are kept in this process, or in PostgreSQL where DATABASE_URL is set.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function attach(given: RampartConfig, options: AttachOptions = {}): Promise<Attached> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await compose(given, options, closers);
  } catch (error) {
    // What was opened before it failed keeps neither connections nor locks.
    for (const close of closers.toReversed()) await close().catch(() => undefined);
    throw error;
  }
}

async function compose(
  given: RampartConfig,
  options: AttachOptions,
  closers: (() => Promise<void>)[],
): Promise<Attached> {
  const config = readConfig(given);
  const log =
    options.log ??
    createLogger({ level: 'warn', sink: { write: (line) => void process.stderr.write(line) } });
  const redisUrl = options.redisUrl ?? process.env['REDIS_URL'];
  const databaseUrl = options.databaseUrl ?? process.env['DATABASE_URL'];
  const environment = readEnvironment(process.env, false);
  // As `rampart start` does: what would not be started there is not started inside an application either.
  refuseFaults({
    ...environment,
    databaseUrl: databaseUrl === '' ? undefined : databaseUrl,
    redisUrl: redisUrl === '' ? undefined : redisUrl,
  });
  const localCounters = memoryCounters({ clock: systemClock });
  const { limitPrograms } = await import('../modules/limit/index.ts');
  const { detectPrograms } = await import('../modules/detect/index.ts');
  const counters = await openCounters(redisUrl, localCounters, limitPrograms, closers);
  const kept =
    databaseUrl === undefined || databaseUrl === ''
      ? undefined
      : await openRecords(
          databaseUrl,
          options,
          environment.stage,
          log,
          closers,
          () => house,
          config.records.journalBytes,
        );
  const recent: DecisionRecord[] = [];
  const sink: RecordSink = {
    write(record) {
      recent.push(record);
      if (recent.length > 2 * RECENT) recent.splice(0, RECENT);
      kept?.pump.write(record);
    },
  };
  const buffer =
    options.accessLog &&
    bufferedSink({
      write: (block) => options.accessLog?.write(block),
      after: (ms, task) => systemTimers.after(ms, task),
    });
  let accounts: AttachedAccounts | null = null;
  let access: OpenedAccess | null = null;
  let uploads: OpenedUploads | null = null;
  let alerts: OpenedAlerts | undefined;
  let blocks: SharedBlocks = {
    add: (block) => void house.blocks.add({ ...block, createdBy: TRAFFIC_BLOCKER }),
    close: () => Promise.resolve(),
  };
  if (kept === undefined && config.responses.mode === 'enforce')
    log.warn(
      'Responses are set to enforce and do nothing here: they need a database. Set DATABASE_URL to the one of rampart start.',
    );
  const policy = await preparePolicy(config, () => (access as OpenedAccess).grants);
  const detection = openDetection(config.detect, {
    // By a connection of its own: no request waits for what detection counts.
    counters: await openCounters(redisUrl, localCounters, detectPrograms, closers),
    clock: systemClock,
    timers: systemTimers,
    house: () => house,
  });
  const audited = (event: RampartEvent): void => {
    detection.take(event);
    alerts?.alerts.take(inputsOf(event));
  };
  const node = `${hostname().slice(0, 40)}-${newId('n', Date.now()).slice(-6)}`;
  let ground: Pick<Kept, 'sql' | 'stores'> | undefined = kept;
  const commits = commitWatch({ sql: () => ground?.sql, timers: systemTimers, tell: audited });
  let opened: Promise<Bus> | undefined;
  const bus = (): Promise<Bus> => (opened ??= openSharedBus(redisUrl, ground?.sql, log, closers));
  const responses =
    kept &&
    (await import('./attach-responses.ts')).attachResponses({
      options: config.responses,
      node,
      log,
      kept,
      house: () => house,
      identity: () => accounts?.identity ?? null,
      bus: await bus(),
      alerts: alertLink(() => alerts),
      announce: audited,
    });
  const house = buildHouse(config, {
    node,
    log,
    counters,
    localCounters,
    ...challengeKeys(),
    dataDir: resolve(options.dataDir ?? process.env['RAMPART_DATA_DIR'] ?? '.rampart'),
    sink,
    watchers: [
      ...(kept ? [kept.pump.watcher] : []),
      detection.watcher,
      alertWatcher(() => alerts?.alerts),
      ...(responses ? [responses.watcher] : []),
    ],
    finishers: [...(responses ? [responses.finisher] : []), ...(buffer ? [accessLog(buffer)] : [])],
    identify: (context) => accounts?.principal(context),
    deviceOf: (context) => accounts?.deviceOf(context),
    block: (block) => blocks.add(block),
    uploads: (name) => uploads?.uploaders.get(name),
    ...(policy === null ? {} : { access: policy.house }),
    guards: [
      ...(responses?.guards ?? []),
      ...freshGuards(config, () => (accounts as AttachedAccounts).identity),
    ],
  });
  if (kept !== undefined || (redisUrl !== undefined && redisUrl !== '')) {
    const { shareBlocks } = await import('./attach-blocks.ts');
    const stores = kept?.stores;
    blocks = await shareBlocks({
      house,
      bus: await bus(),
      stores,
      clock: systemClock,
      timers: systemTimers,
      log,
    });
    closers.push(() => blocks.close());
  }
  if (policy !== null) {
    const { openAttachedAccess } = await import('./attach-access.ts');
    const { openGround } = await import('./attach-ground.ts');
    ground ??= await openGround(options, closers);
    const accounts = config.identity !== false;
    access = await openAttachedAccess(policy.prepared, {
      house,
      log,
      options,
      ground,
      bus: await bus(),
      accounts,
      announce: audited,
      closers,
    });
  }
  let keys: OpenedKeys | undefined;
  let handed: AttachedUploads | null = null;
  if (Object.keys(config.uploads).length > 0) {
    const { attachedUploads, openAttachedUploads } = await import('./attach-uploads.ts');
    const { openGround } = await import('./attach-ground.ts');
    ground ??= await openGround(options, closers);
    const isScanned = Object.values(config.uploads).some(({ scan }) => scan !== undefined);
    if (isScanned) {
      const { openAttachedKeys } = await import('./attach-keys.ts');
      keys = await openAttachedKeys({ house, log, options, ground, bus: await bus(), closers });
    }
    const box = keys?.box;
    uploads = await openAttachedUploads(config.uploads, { house, log, options, ground, box, closers });
    handed = attachedUploads(uploads);
  }
  if (config.identity !== false) {
    // Loaded where they are wanted: they bring packages along.
    const { openAttachedAccounts } = await import('./attach-accounts.ts');
    const { openGround } = await import('./attach-ground.ts');
    ground ??= await openGround(options, closers);
    accounts = await openAttachedAccounts(config.identity, {
      house,
      log,
      options,
      ground,
      keys,
      bus: await bus(),
      announce: audited,
      isLocked: (account) => responses?.isLocked(account) ?? false,
      closers,
    });
  }
  detection.start();
  const reporters = new Set<QueryReporter>();
  if (kept !== undefined) {
    const { followExclusions } = await import('./attach-shield.ts');
    await followExclusions({ house, log, kept, redisUrl, closers });
  }
  if (ground !== undefined && config.alerts.enabled !== false) {
    const { openAttachedAlerts } = await import('./attach-alerts.ts');
    alerts = openAttachedAlerts({ house, log, config, ground, bus: await bus(), closers });
  }
  if (ground !== undefined && config.sinks.length > 0) {
    const { openAttachedSinks } = await import('./attach-sinks.ts');
    await openAttachedSinks({ house, log, config, ground, bus: await bus(), closers });
  } else if (config.sinks.length > 0)
    log.warn('Nothing is sent to sinks: they need a database. Set DATABASE_URL, or the option databaseUrl.');
  if (ground !== undefined) {
    const { openAttachedAudit } = await import('./attach-audit.ts');
    const { log: audit } = await openAttachedAudit({
      house,
      log,
      options,
      ground,
      audit: config.audit,
      closers,
    });
    const { keepRetention } = await import('./attach-retention.ts');
    closers.push(keepRetention({ ground, config, audit, clock: systemClock, timers: systemTimers, log }));
    const { keepEventParts } = await import('./attach-event-parts.ts');
    closers.push(keepEventParts(ground.sql, { clock: systemClock, timers: systemTimers, log }));
  }
  await responses?.start();
  return {
    house,
    protect: protector(house, config, systemTimers),
    accounts,
    access,
    uploads: handed,
    audit: auditWriter(house.node, systemClock, commits.written),
    events: (definition) =>
      ownEmitter(definition, {
        known: config.events,
        events: house.events,
        audit: ownAuditWriter(house.node, systemClock, commits.written),
      }),
    recent: () => recent.slice(-RECENT).toReversed(),
    watchStatements(source, database) {
      if (kept === undefined) return () => Promise.resolve();
      const reporter = new QueryReporter(source, database, {
        node: house.node,
        store: kept.stores.queryReports,
        clock: systemClock,
        timers: systemTimers,
        log,
      });
      reporter.start();
      reporters.add(reporter);
      return async () => {
        reporters.delete(reporter);
        await reporter.stop();
      };
    },
    async close() {
      await Promise.all([...reporters].map((reporter) => reporter.stop()));
      await commits.close();
      await responses?.close();
      await house.close();
      await detection.close();
      await kept?.pump.close();
      buffer?.flush();
      for (const close of closers.toReversed()) await close();
    },
  };
}

/** Nodes that share a secret take each other's clearances. */
function challengeKeys(): Pick<HousePorts, 'challengeKeys'> {
  const secret = readSecretVariable(process.env, 'RAMPART_SECRET') ?? '';
  if (secret.length < 32) return {};
  return { challengeKeys: [deriveKey(new TextEncoder().encode(secret), 'challenge of an application')] };
}

/** Reads the policy, where there is one; loaded only then. */
async function preparePolicy(
  config: ReadConfig,
  grants: () => OpenedAccess['grants'],
): Promise<{
  readonly prepared: PreparedAccess;
  readonly house: NonNullable<HousePorts['access']>;
} | null> {
  if (config.access === false) return null;
  const { houseAccess, prepareAccess } = await import('./access.ts');
  const prepared = prepareAccess(config.access, config.rules);
  return { prepared, house: houseAccess(prepared, grants, ({ path }) => isAccountPath(path)) };
}
