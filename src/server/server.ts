import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { accessLog, type BufferedSink, type Logger } from '../base/observe/index.ts';
import type { DecisionRecord } from '../core/decision.ts';
import { explainQuery } from '../base/database/index.ts';
import type { RampartEvent } from '../core/events.ts';
import { keyedHash } from '../core/hash.ts';
import type { RouteTable } from '../core/route.ts';
import type { Watcher } from '../core/watcher.ts';
import { cspReports } from '../modules/browser/index.ts';
import { freshAuthGuard, freshAuthPorts } from '../modules/identity/index.ts';
import {
  type ApiPorts,
  BLOCKS_CHANNEL,
  createApi,
  LIMITS_CHANNEL,
  LiveHub,
  limitsPort,
  reloadBlocks,
  reloadLimitLists,
  samplePrincipal,
} from './api/index.ts';
import { houseAccess, openAccess, type OpenedAccess, prepareAccess } from './access.ts';
import { openAccounts, type OpenedAccounts } from './accounts.ts';
import type { HealthAnswer } from './api/types.ts';
import { CONSOLE_ROLES } from './api/user-types.ts';
import { checkComposition } from './compose-check.ts';
import type { ReadConfig } from './config.ts';
import { deriveKey, writeOperatorFile } from './data-dir.ts';
import { summaryOfRecord } from './data/index.ts';
import type { ServerEnvironment } from './environment.ts';
import { type Foundation, openFoundation } from './foundation.ts';
import { Health, type Phase } from './health.ts';
import { buildHouse, type House } from './house.ts';
import { Housekeeping } from './housekeeping.ts';
import { principalBehind } from './identify.ts';
import { BackupSchedule } from './backup/schedule.ts';
import { keyFindings } from './keys/findings.ts';
import { openKeys } from './keys/open.ts';
import { RotationRunner } from './keys/runner.ts';
import { wrappersOf } from './keys/wrapper.ts';
import { prometheusText } from './metrics.ts';
import { closeServer, freePort, httpServer, listen } from './listen.ts';
import { Pump } from './pump.ts';
import { routeNames } from './route-names.ts';
import { PACKAGE_ROOT, VERSION } from './version.ts';

/** What a server is started with. */
export interface ServerOptions {
  readonly environment: ServerEnvironment;
  readonly config: ReadConfig;
  readonly log: Logger;
  /** Where access lines go. */
  readonly accessSink: BufferedSink;
  /** Findings of the start-up checks, shown on the health page. */
  readonly findings?: readonly HealthAnswer['findings'][number][];
}

/** A running server. */
export interface RampartServer {
  readonly house: House;
  readonly foundation: Foundation;
  /** Port that it listens on. */
  readonly port: number;
  /** Address for people. */
  readonly publicUrl: string;
  /** A single-use link that signs in to the console. */
  setupLink(): Promise<string>;
  /** Stops accepting, lets requests end (at most `graceMs`), writes everything down, closes the stores. */
  stop(graceMs?: number): Promise<void>;
}

const CONSOLE_DIR = join(PACKAGE_ROOT, 'console', 'dist');

/**
 * Opens the stores, composes the house, listens.
 * @throws RampartError or OptionsError that says what to mend
 */
export async function startServer(options: ServerOptions): Promise<RampartServer> {
  const { log, config } = options;
  const environment = await withPort(options.environment, config);
  await checkComposition(config, log);
  const foundation = await openFoundation(environment, log, config.database.queries);
  try {
    return await serve({ ...options, environment }, foundation);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

/** With port 0 any free one is taken; links in mails need to know it from the start. */
async function withPort(environment: ServerEnvironment, config: ReadConfig): Promise<ServerEnvironment> {
  if (environment.port !== 0 || config.identity === false) return environment;
  const port = await freePort(environment.host);
  return { ...environment, port, publicUrl: environment.publicUrl.replace(/:0$/, `:${port}`) };
}

async function serve(options: ServerOptions, foundation: Foundation): Promise<RampartServer> {
  const { environment, config, log, accessSink } = options;
  const { stores, clock, timers, dataDir } = foundation;
  let phase: Phase = 'starting';
  let url = environment.publicUrl;
  const pump = makePump(foundation, log);
  const live = new LiveHub({ clock, timers, takeSecond: () => house.traffic.takeSecond() });
  let names: RouteTable<string> | undefined;
  let accounts: OpenedAccounts | null = null;
  let access: OpenedAccess | null = null;
  const prepared = config.access === false ? null : prepareAccess(config.access, config.rules);
  const house = buildHouse(config, {
    node: foundation.node,
    clock,
    timers,
    log,
    counters: foundation.counters,
    localCounters: foundation.localCounters,
    sink: {
      write(record: DecisionRecord) {
        pump.write(record);
        if (live.active) live.decision(summaryOfRecord(record));
      },
    },
    watchers: [pump.watcher, liveWatcher(live)],
    finishers: config.accessLog ? [accessLog(accessSink)] : [],
    csrfKeys: [deriveKey(dataDir.secret, 'csrf')],
    label: (method, path) => names?.find(method, path),
    sampleHash: keyedHash(deriveKey(dataDir.secret, 'sampling', 8)),
    identify(context) {
      const sample = samplePrincipal(dataDir.secret, context.request.header('authorization'), context.nowMs);
      if (sample !== undefined || accounts === null) return sample;
      return principalBehind(accounts.identity.sessions, context, accounts.dpop);
    },
    guards:
      config.identity === false
        ? []
        : [freshAuthGuard(freshAuthPorts(() => (accounts as OpenedAccounts).identity))],
    ...(prepared === null
      ? {}
      : {
          access: houseAccess(
            prepared,
            () => (access as OpenedAccess).grants,
            ({ request, path }) =>
              names?.find(request.method === 'HEAD' ? 'GET' : request.method, path) !== undefined,
          ),
        }),
  });
  const keys = await openKeys({
    ...foundation,
    secret: dataDir.secret,
    wrappers: wrappersOf(environment.wrapping, dataDir.secret),
    encrypted: config.encrypted,
    log,
    write: (tx, event) => stores.events.write(tx, event),
  });
  const rotations = new RotationRunner(keys, log);
  const backups =
    config.backup &&
    new BackupSchedule(config.backup, { sql: foundation.sql, clock, timers, events: house.events, log });
  if (config.identity !== false) {
    accounts = await openAccounts({
      box: keys.box,
      options: config.identity,
      environment,
      publicUrl: environment.publicUrl,
      node: foundation.node,
      sql: foundation.sql,
      events: house.events,
      eventStore: stores.events,
      announce: (event) => live.notice(event),
      bus: foundation.bus,
      secret: dataDir.secret,
      clock,
      timers,
      log,
    });
  }
  if (prepared !== null) {
    access = await openAccess(prepared, {
      node: foundation.node,
      sql: foundation.sql,
      eventStore: stores.events,
      events: house.events,
      announce: (event) => live.notice(event),
      bus: foundation.bus,
      secret: dataDir.secret,
      production: environment.production,
      accounts: config.identity !== false,
      reserved: CONSOLE_ROLES,
      clock,
      timers,
      log,
    });
  }
  await stores.policies.save(config.policyHash, config.policy, clock.now());
  const health = new Health({
    foundation,
    house,
    pump,
    version: VERSION,
    findings: () => [
      ...(options.findings ?? []),
      ...keyFindings(keys.store.views(), clock.now()),
      ...(backups?.findings() ?? []),
    ],
    phase: () => phase,
  });
  const csp = cspReports({}, { clock, events: house.events });
  const ports: ApiPorts = {
    facts: {
      version: VERSION,
      node: foundation.node,
      consoleDir: existsSync(join(CONSOLE_DIR, 'index.html')) ? CONSOLE_DIR : null,
      operatorKey: dataDir.operatorKey,
      secret: dataDir.secret,
      securityContacts: [],
      // With port 0 it is known only once the server listens; nobody asks before.
      get publicUrl() {
        return url;
      },
    },
    stores,
    clock,
    timers,
    health,
    live,
    log,
    blocks: house.blocks,
    limits: limitsPort(house.limits, policyFacts(house), () => {
      const { rows, evicted } = foundation.localCounters.stats();
      return { keys: foundation.counters.kind === 'memory' ? rows : null, evicted };
    }),
    csp: { take: (type, body, address) => csp.take(type, body, address), groups: () => csp.groups() },
    queries: {
      summary: () => foundation.queries.summary(),
      async plan(id) {
        const text = foundation.queries.textOf(id);
        return text === undefined ? undefined : explainQuery(foundation.sql, text);
      },
    },
    bus: foundation.bus,
    identity: accounts?.identity ?? null,
    mailbox: accounts?.mailbox ?? null,
    keys: { ...keys, rotations },
    access,
    events: house.events,
    metrics: () => prometheusText(house, pump, foundation),
    deciders: house.deciders,
    phaseOf: (guard) => house.phaseOf(guard),
    fail: (error, context) => house.fail(error, context),
  };
  await Promise.all([reloadBlocks(ports), reloadLimitLists(ports)]);
  const unsubscribe = await subscribe(ports, live, log);
  const housekeeping = new Housekeeping({
    foundation,
    house,
    keepMs: config.records.keepMs,
    log,
    reload: () => Promise.all([reloadBlocks(ports), reloadLimitLists(ports)]),
    identity: accounts?.identity ?? null,
    partitions: config.database.partitions,
  });
  const api = createApi(ports);
  names = routeNames(api);
  const server = httpServer(house, api, () => phase === 'draining');
  const port = await listen(server, environment);
  if (port !== environment.port) url = url.replace(`:${environment.port}`, `:${port}`);
  writeOperatorFile(dataDir.path, {
    url: `http://${environment.host.includes(':') ? `[${environment.host}]` : environment.host}:${port}`,
    key: dataDir.operatorKey,
    pid: process.pid,
  });
  phase = 'running';
  housekeeping.start();
  rotations.resume();
  backups?.start();
  void pump.drain();
  house.events.emit('SERVER_STARTED', {
    subject: foundation.node,
    details: { version: VERSION, policy: config.policyHash },
  });
  return {
    house,
    foundation,
    port,
    publicUrl: url,
    async setupLink() {
      const { token } = await stores.setup.create('administrator', clock.now());
      return `${url}/console/setup#token=${token}`;
    },
    async stop(graceMs = 10_000) {
      if (phase === 'draining') return;
      phase = 'draining';
      house.events.emit('SERVER_STOPPING', { subject: foundation.node });
      live.close();
      await closeServer(server, graceMs, timers);
      await unsubscribe();
      await housekeeping.stop();
      await access?.grants.close();
      await rotations.stop();
      await backups?.stop();
      await accounts?.close();
      await keys.store.close();
      await house.close();
      await pump.close();
      health.close();
      accessSink.flush();
      await foundation.close();
    },
  };
}

function makePump(foundation: Foundation, log: Logger): Pump {
  const { stores, journal, clock, timers } = foundation;
  return new Pump({
    journal,
    clock,
    timers,
    target: {
      async insertDecisions(records) {
        const { refused } = await stores.decisions.insertMany(records);
        if (refused > 0) log.error('The database cannot take some decision records.', { refused });
      },
      async insertEvents(events: readonly RampartEvent[]) {
        const { refused } = await stores.events.insertMany(events);
        if (refused > 0) log.error('The database cannot take some events.', { refused });
      },
    },
    onStalled: (error) =>
      log.error('Records wait: the journal or the database does not take them.', { error }),
    onRecovered: () => log.info('Records are taken again.'),
  });
}

function liveWatcher(live: LiveHub): Watcher {
  return {
    name: 'live',
    stage: 'alert',
    on: '*',
    handle(events) {
      for (const event of events) {
        live.notice(event);
        if (event.type === 'LIMIT_STORE_DEGRADED' || event.type === 'LIMIT_STORE_RECOVERED') {
          live.change('limits');
          live.change('health');
        }
      }
    },
  };
}

function policyFacts(house: House) {
  return house.limits.policies.map(({ phase: _phase, everywhere: _everywhere, ...policy }) => ({
    ...policy,
    routes: house.routesOf(policy.name),
  }));
}

/** Every node reads blocks and lists again when one of them changed something. */
async function subscribe(ports: ApiPorts, live: LiveHub, log: Logger): Promise<() => Promise<void>> {
  const failed = (error: unknown): void =>
    log.warn('A change could not be read from the database.', { error });
  const ends = await Promise.all([
    ports.bus.subscribe(BLOCKS_CHANNEL, () => {
      reloadBlocks(ports).then(() => live.change('blocks'), failed);
    }),
    ports.bus.subscribe(LIMITS_CHANNEL, () => {
      reloadLimitLists(ports).then(() => live.change('limits'), failed);
    }),
  ]);
  return async () => {
    for (const end of ends) await end().catch(failed);
  };
}
