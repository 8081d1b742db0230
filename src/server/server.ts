import { join } from 'node:path';
import { accessLog } from '../base/observe/index.ts';
import type { DecisionRecord } from '../core/decision.ts';
import type { RampartEvent } from '../core/events.ts';
import { keyedHash } from '../core/hash.ts';
import type { RouteTable } from '../core/route.ts';
import { cspReports } from '../modules/browser/index.ts';
import {
  type ApiPorts,
  createApi,
  LiveHub,
  reloadBlocks,
  reloadExclusions,
  reloadLimitLists,
  samplePrincipal,
} from './api/index.ts';
import { apiFacts } from './api-facts.ts';
import { houseAccess, openAccess, type OpenedAccess, prepareAccess } from './access.ts';
import { auditSigner, openAudit } from './audit/open.ts';
import { announceBlocks } from './api/announce.ts';
import { AutoBlocks } from './auto-blocks.ts';
import { openAccounts, type OpenedAccounts } from './accounts.ts';
import { CONSOLE_ROLES } from './api/user-types.ts';
import { checkComposition } from './compose-check.ts';
import { deriveKey, writeOperatorFile } from './data-dir.ts';
import { EventKeeper, summaryOfRecord } from './data/index.ts';
import { type Foundation, openFoundation } from './foundation.ts';
import { followBlocks } from './follow-blocks.ts';
import { Health, type Phase } from './health.ts';
import { freshGuards } from './fresh-guards.ts';
import { keepPolicy } from './keep-policy.ts';
import { buildHouse } from './house.ts';
import { Housekeeping } from './housekeeping.ts';
import { deviceCookieOf, principalBehind } from './identify.ts';
import { BackupSchedule } from './backup/schedule.ts';
import { openKeys } from './keys/open.ts';
import { RotationRunner } from './keys/runner.ts';
import { wrappersOf } from './keys/wrapper.ts';
import { serverMetrics } from './watch-metrics.ts';
import { openDetection } from './detection.ts';
import { inputsOf } from './alerts/inputs.ts';
import { alertLink } from './alerts/link.ts';
import { type OpenedAlerts, openServerAlerts } from './alerts/open.ts';
import { alertWatcher } from './alerts/watcher.ts';
import { openServerSinks } from './sinks/open.ts';
import { liveWatcher } from './live-watcher.ts';
import { houseLimits } from './policy-facts.ts';
import { type OpenedUploads, openUploads } from './uploads/open.ts';
import { closeServer, httpServer, listen, withPort } from './listen.ts';
import { placeOf, placesOf } from './place-of.ts';
import { shieldPort } from './shield-port.ts';
import { shareTraffic } from './share-traffic.ts';
import { makePump } from './own-pump.ts';
import { subscribe } from './subscribe.ts';
import { watchOwnStatements } from './own-statements.ts';
import { runningFindings } from './running-findings.ts';
import type { RampartServer, ServerOptions } from './running.ts';
import { openResponses } from './responses/open.ts';
import { routeNames } from './route-names.ts';
import { VERSION } from './version.ts';

export type { RampartServer, ServerOptions } from './running.ts';

/**
 * Opens the stores, composes the house, listens.
 * @throws RampartError or OptionsError that says what to mend
 */
export async function startServer(options: ServerOptions): Promise<RampartServer> {
  const { log, config } = options;
  const environment = await withPort(options.environment, config);
  await checkComposition(config, log, environment.dataDir);
  const { records, database } = config;
  const foundation = await openFoundation({ ...environment, ...records }, log, database.queries);
  try {
    return await serve({ ...options, environment }, foundation);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function serve(options: ServerOptions, foundation: Foundation): Promise<RampartServer> {
  const { environment, config, log, accessSink } = options;
  const { stores, clock, timers, dataDir } = foundation;
  let phase: Phase = 'starting';
  let url = environment.publicUrl;
  const pump = makePump(foundation, log, () => house);
  const live = new LiveHub({ clock, timers, takeSecond: () => house.traffic.takeSecond() });
  let names: RouteTable<string> | undefined;
  let accounts: OpenedAccounts | null = null;
  let access: OpenedAccess | null = null;
  let uploads: OpenedUploads | undefined;
  let alerts: OpenedAlerts | undefined;
  const prepared = config.access === false ? null : prepareAccess(config.access, config.rules);
  const counters = foundation.detectCounters;
  const detection = openDetection(config.detect, { ...foundation, counters, house: () => house });
  const { detector } = detection;
  const audited = (event: RampartEvent): void => {
    live.notice(event);
    detection.take(event);
    alerts?.alerts.take(inputsOf(event));
  };
  const responses = openResponses({
    ...foundation,
    options: config.responses,
    log,
    house: () => house,
    identity: () => accounts?.identity ?? null,
    operatorKey: dataDir.operatorKey,
    alerts: alertLink(() => alerts),
    notice: audited,
    changed: () => live.change('responses'),
  });
  const { engine } = responses;
  const autoBlocks = new AutoBlocks({
    ...foundation,
    log,
    blocks: () => house.blocks,
    notice: audited,
    announce: () => announceBlocks(ports),
  });
  const house = buildHouse(config, {
    block: (block) => autoBlocks.add(block),
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
    watchers: [
      pump.watcher,
      detection.watcher,
      alertWatcher(() => alerts?.alerts),
      liveWatcher(live),
      responses.watcher,
    ],
    finishers: [responses.finisher, ...(config.accessLog ? [accessLog(accessSink)] : [])],
    dataDir: dataDir.path,
    challengeKeys: [deriveKey(dataDir.secret, 'challenge')],
    csrfKeys: [deriveKey(dataDir.secret, 'csrf')],
    label: (method, path) => names?.find(method, path),
    uploads: (name) => uploads?.uploaders.get(name),
    sampleHash: keyedHash(deriveKey(dataDir.secret, 'sampling', 8)),
    identify(context) {
      const sample = samplePrincipal(dataDir.secret, context.request.header('authorization'), context.nowMs);
      if (sample !== undefined || accounts === null) return sample;
      return principalBehind(accounts.identity.sessions, context, accounts.dpop);
    },
    deviceOf: (context) => accounts?.identity.devices.idOf(deviceCookieOf(context)),
    guards: [...responses.guards, ...freshGuards(config, () => (accounts as OpenedAccounts).identity)],
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
  const audit = openAudit({
    ...foundation,
    events: house.events,
    write: (tx, event) => stores.events.write(tx, event),
    log,
    file: foundation.checkpoints,
    signer: auditSigner(dataDir.secret, environment.auditKey),
    options: config.audit,
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
      ...placeOf(house.shield),
      isBlocked: (account) =>
        house.blocks.findCaller({ user: `user:${account}` }) !== undefined || responses.isLocked(account),
      eventStore: stores.events,
      announce: audited,
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
      announce: audited,
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
  uploads = await openUploads(config.uploads, {
    dir: join(dataDir.path, 'uploads'),
    uploadStore: config.uploadStore,
    aws: environment.wrapping.aws,
    sql: foundation.sql,
    box: keys.box,
    clock,
    timers,
    events: house.events,
    log,
  });
  alerts = openServerAlerts(config.alerts, {
    ...foundation,
    log,
    environment,
    events: house.events,
    shed: () => pump.shed + house.events.shed,
    publicUrl: () => url,
    changed: () => live.change('alerts'),
  });
  const sinks = openServerSinks(config.sinks, { ...foundation, log, events: house.events });
  await keepPolicy(config, { ...foundation, notice: audited });
  const health = new Health({
    foundation,
    house,
    pump,
    version: VERSION,
    findings: () =>
      runningFindings({
        options,
        clock,
        stores,
        keys,
        backups,
        house,
        audit,
        access,
        alerts,
        detector,
        sinks,
      }),
    phase: () => phase,
  });
  const { statements, reporter } = watchOwnStatements(foundation, house.events, log);
  const csp = cspReports({}, { clock, events: house.events });
  const ports: ApiPorts = {
    facts: apiFacts(foundation, () => url),
    stores,
    clock,
    timers,
    health,
    live,
    log,
    blocks: house.blocks,
    get places() {
      return placesOf(house.shield);
    },
    limits: houseLimits(house, foundation),
    shield: shieldPort(house),
    csp: { take: (type, body, address) => csp.take(type, body, address), groups: () => csp.groups() },
    queries: { ...statements, reports: stores.queryReports },
    bus: foundation.bus,
    identity: accounts?.identity ?? null,
    mailbox: accounts?.mailbox ?? null,
    keys: { ...keys, rotations },
    audit,
    feeds: house.shield.feeds,
    uploads: { ...uploads, intake: (name) => house.upload?.(name) },
    access,
    events: house.events,
    ownEvents: config.events,
    detector,
    responses: { engine, mode: config.responses.mode, budget: config.responses.budget },
    ...(alerts === undefined ? {} : { alerts }),
    sinks,
    metrics: () =>
      serverMetrics(house, pump, foundation, { ...detection, alerts: alerts?.alerts, responses, sinks }),
    deciders: house.deciders,
    phaseOf: (guard) => house.phaseOf(guard),
    fail: (error, context) => house.fail(error, context),
  };
  const reload = () => Promise.all([reloadBlocks(ports), reloadLimitLists(ports), reloadExclusions(ports)]);
  await reload();
  await responses.start();
  const unsubscribe = await subscribe(ports, live, log);
  const endFollowing = followBlocks({
    sql: foundation.sql,
    blocks: stores.blocks,
    timers,
    log,
    reload: () => reloadBlocks(ports).then(() => live.change('blocks')),
  });
  const { traffic } = house.shield;
  const endPosture =
    traffic === null ? null : await shareTraffic(traffic, foundation.bus, { ...foundation, log });
  const housekeeping = new Housekeeping({
    foundation,
    house,
    keepMs: config.records.keepMs,
    retention: config.retention,
    audit: audit.log,
    log,
    reload,
    identity: accounts?.identity ?? null,
    reviews: access?.grants.reviews ?? null,
    partitions: config.database.partitions,
    eventKeeper: new EventKeeper({ sql: foundation.sql, clock }),
  });
  const api = createApi(ports);
  names = routeNames(api);
  const server = httpServer({ house, api, config, timers, draining: () => phase === 'draining' });
  const port = await listen(server, environment);
  if (port !== environment.port) url = url.replace(`:${environment.port}`, `:${port}`);
  writeOperatorFile(dataDir.path, {
    url: `http://${environment.host.includes(':') ? `[${environment.host}]` : environment.host}:${port}`,
    key: dataDir.operatorKey,
    pid: process.pid,
  });
  phase = 'running';
  housekeeping.start();
  reporter.start();
  rotations.resume();
  uploads.keeper.start();
  backups?.start();
  audit.start();
  detection.start();
  alerts?.start();
  await sinks.start();
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
      await endFollowing();
      await endPosture?.();
      await responses.close();
      await autoBlocks.flush();
      await housekeeping.stop();
      await reporter.stop();
      await access?.grants.close();
      await rotations.stop();
      await uploads?.keeper.stop();
      await backups?.stop();
      await accounts?.close();
      await keys.store.close();
      await sinks.close();
      await house.close();
      await detection.close();
      await alerts?.close();
      await pump.close();
      await audit.close();
      health.close();
      accessSink.flush();
      await foundation.close();
    },
  };
}
