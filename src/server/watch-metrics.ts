import { SEVERITIES } from '../core/events.ts';
import type { Detector } from '../modules/detect/index.ts';
import type { Alerts } from '../modules/respond/index.ts';
import { readEventParts } from './data/index.ts';
import type { Foundation } from './foundation.ts';
import type { House } from './house.ts';
import { type Family, prometheusText } from './metrics.ts';
import type { Pump } from './pump.ts';
import type { OpenedSinks } from './sinks/open.ts';
import type { OpenedResponses } from './responses/open.ts';

/** What detection, alerts and responses are measured by. */
export interface WatchParts {
  readonly detector: Pick<Detector, 'state'>;
  /** Detections of this node by detector, since the start. */
  readonly detected: ReadonlyMap<string, number>;
  /** Undefined where there are none. */
  readonly alerts: Pick<Alerts, 'options' | 'store' | 'deliveries' | 'dropped'> | undefined;
  readonly responses: {
    readonly engine: Pick<OpenedResponses['engine'], 'open'>;
    /** Detections that wait to be answered. */
    readonly waiting: number;
  };
}

/** What Prometheus reads of a server. */
export async function serverMetrics(
  house: House,
  pump: Pump,
  foundation: Foundation,
  parts: WatchParts & { readonly sinks: Pick<OpenedSinks, 'entries'> },
): Promise<string> {
  const families = [...(await watchMetrics(parts)), ...(await eventMetrics(foundation).catch(() => []))];
  return prometheusText(house, pump, foundation, parts.sinks.entries(), families);
}

async function eventMetrics({ sql }: Pick<Foundation, 'sql'>): Promise<readonly Family[]> {
  const status = await readEventParts(sql, sql.kind);
  if (status === null) return [];
  const { parts, waiting, openRows } = status;
  return [
    one('rampart_event_partitions', 'gauge', 'Partitions of the events.', parts),
    one('rampart_event_partitions_waiting', 'gauge', 'Ended partitions that lack indexes.', waiting),
    one('rampart_event_open_rows', 'gauge', 'Events of the open partition, about.', openRows),
  ];
}

/** Metrics of detection, alerts and responses; without what the database knows while it does not answer. */
export async function watchMetrics(parts: WatchParts): Promise<readonly Family[]> {
  const stored = await alertMetrics(parts.alerts).catch(() => []);
  return [...detectorMetrics(parts), ...responseMetrics(parts), ...stored];
}

function detectorMetrics({ detector, detected }: WatchParts): readonly Family[] {
  const { counts, waiting, skipped } = detector.state();
  return [
    {
      name: 'rampart_detections_total',
      type: 'counter',
      help: 'Detections of this node by detector.',
      values: [...detected].map(([rule, value]) => ({ labels: { detector: rule }, value })),
    },
    one('rampart_detect_waiting', 'gauge', 'Events that wait to be looked at.', waiting),
    one('rampart_detect_skipped_total', 'counter', 'Events that were not looked at.', skipped),
    one(
      'rampart_detect_store_shared',
      'gauge',
      '1 while detectors count in their configured store.',
      counts === 'shared' ? 1 : 0,
    ),
  ];
}

function responseMetrics({ responses: { engine, waiting } }: WatchParts): readonly Family[] {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>();
  for (const { responder, state } of engine.open) {
    const entry = counts.get(`${responder} ${state}`) ?? { labels: { responder, state }, value: 0 };
    entry.value += 1;
    counts.set(`${responder} ${state}`, entry);
  }
  const help = 'Responses that act, wait or would have begun, of all nodes.';
  return [
    { name: 'rampart_responses', type: 'gauge', help, values: [...counts.values()] },
    one(
      'rampart_response_detections_waiting',
      'gauge',
      'Detections whose response waits until it can be written.',
      waiting,
    ),
  ];
}

async function alertMetrics(alerts: WatchParts['alerts']): Promise<readonly Family[]> {
  if (alerts === undefined) return [];
  const open = await alerts.store.openCounts();
  const channels = await alerts.deliveries.channels(alerts.options.channels.map(({ name }) => name));
  return [
    {
      name: 'rampart_alerts_open',
      type: 'gauge',
      help: 'Alerts that nobody has settled, of all nodes.',
      values: SEVERITIES.map((severity) => ({ labels: { severity }, value: open[severity] })),
    },
    {
      name: 'rampart_alert_channel_failing',
      type: 'gauge',
      help: '1 while what was told last over a channel did not arrive.',
      values: channels.map(({ name, error }) => ({
        labels: { channel: name },
        value: error === null ? 0 : 1,
      })),
    },
    {
      name: 'rampart_alert_deliveries_waiting',
      type: 'gauge',
      help: 'What is still to be told over a channel.',
      values: channels.map(({ name, waiting }) => ({ labels: { channel: name }, value: waiting })),
    },
    one(
      'rampart_alert_inputs_late_total',
      'counter',
      'Events that reach the alerts over the database.',
      alerts.dropped,
    ),
  ];
}

function one(name: string, type: Family['type'], help: string, value: number): Family {
  return { name, type, help, values: [{ labels: {}, value }] };
}
