import type { Clock } from '../core/clock.ts';
import type { Detector } from '../modules/detect/index.ts';
import type { OpenedAlerts } from './alerts/open.ts';
import { readEventParts, type Stores } from './data/index.ts';
import { eventPartFindings } from './event-part-findings.ts';
import type { OpenedAccess } from './access.ts';
import type { HealthAnswer } from './api/types.ts';
import type { OpenedAudit } from './audit/open.ts';
import type { BackupSchedule } from './backup/schedule.ts';
import { feedFindings } from './feed-findings.ts';
import type { House } from './house.ts';
import { keyFindings } from './keys/findings.ts';
import type { OpenedKeys } from './keys/open.ts';
import { sinkFindings } from './sinks/findings.ts';
import type { OpenedSinks } from './sinks/open.ts';
import type { ServerOptions } from './running.ts';
import { type WatchFacts, watchFindings } from './watch-findings.ts';
import { overdueFindings, storedFindings } from './review-findings.ts';

type Finding = HealthAnswer['findings'][number];

/** What findings of a running server are gathered from. */
export interface RunningParts {
  readonly clock: Clock;
  /** With what was found before the start. */
  readonly options: Pick<ServerOptions, 'config' | 'environment' | 'findings'>;
  readonly keys: Pick<OpenedKeys, 'store'>;
  readonly backups: Pick<BackupSchedule, 'findings'> | false | undefined;
  readonly house: Pick<House, 'shield'>;
  readonly audit: Pick<OpenedAudit, 'findings'>;
  readonly access: OpenedAccess | null;
  readonly sinks: Pick<OpenedSinks, 'entries'>;
  readonly alerts: OpenedAlerts | undefined;
  readonly stores: Pick<Stores, 'responses' | 'sql'>;
  readonly detector: Pick<Detector, 'state'>;
}

/** What is to be said about a server that runs. */
export async function runningFindings(parts: RunningParts): Promise<readonly Finding[]> {
  const { clock, options, keys, backups, house, audit, access, sinks } = parts;
  const nowMs = clock.now();
  return [
    ...(options.findings ?? []),
    ...keyFindings(keys.store.views(), nowMs, keys.store.wrapper),
    ...(backups ? backups.findings() : []),
    ...feedFindings(house.shield.feeds?.status() ?? [], nowMs),
    ...sinkFindings(sinks.entries(), nowMs),
    ...(await storedFindings(
      audit.findings(),
      overdueFindings(access?.grants.reviews, nowMs),
      watched(parts).then((facts) => watchFindings(facts, nowMs)),
      readEventParts(parts.stores.sql, parts.stores.sql.kind).then((status) =>
        eventPartFindings(status, nowMs),
      ),
    )),
  ];
}

async function watched(parts: RunningParts): Promise<WatchFacts> {
  const { options, alerts, stores, detector } = parts;
  const { mode } = options.config.responses;
  const { counts, sinceMs } = detector.state();
  return {
    production: options.environment.production,
    channels: alerts === undefined ? null : await channelFacts(alerts.alerts),
    mode,
    shadow: mode === 'shadow' ? await stores.responses.shadowed() : null,
    aloneSinceMs: counts === 'local' ? sinceMs : null,
  };
}

async function channelFacts({
  options,
  deliveries,
}: OpenedAlerts['alerts']): Promise<WatchFacts['channels']> {
  const records = await deliveries.channels(options.channels.map(({ name }) => name));
  return options.channels.map(({ name, kind }, at) => ({
    name,
    kind,
    error: records[at]?.error ?? null,
    waiting: records[at]?.waiting ?? 0,
  }));
}
