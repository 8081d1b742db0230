import type { SinkEntry } from '../api/sink-types.ts';

/** A family of metrics with a value for each sink that has one. */
export interface SinkFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly values: readonly { readonly sink: string; readonly value: number }[];
}

const FAMILIES: readonly [
  SinkFamily['name'],
  SinkFamily['type'],
  string,
  (sink: SinkEntry) => number | null,
][] = [
  ['rampart_sink_waiting', 'gauge', 'Events that a sink has still to go through.', (one) => one.waiting],
  [
    'rampart_sink_failing',
    'gauge',
    '1 while a sink takes nothing.',
    (one) => (one.state === 'failing' ? 1 : 0),
  ],
  [
    'rampart_sink_oldest_timestamp_seconds',
    'gauge',
    'When the oldest event that waits for a sink arrived.',
    ({ oldestAtMs }) => (oldestAtMs === null ? null : oldestAtMs / 1_000),
  ],
  ['rampart_sink_sent_total', 'counter', 'Events that a sink took, of all nodes.', (one) => one.sent],
  [
    'rampart_sink_refused_total',
    'counter',
    'Events that a sink refused for what they hold.',
    (one) => one.refused,
  ],
  [
    'rampart_sink_lost_total',
    'counter',
    'Events that were deleted before a sink was sent them.',
    (one) => one.lost,
  ],
];

/** What Prometheus is told of sinks; nothing where there are none. Pure. */
export function sinkFamilies(sinks: readonly SinkEntry[]): readonly SinkFamily[] {
  if (sinks.length === 0) return [];
  return FAMILIES.map(([name, type, help, valueOf]) => ({
    name,
    type,
    help,
    values: sinks.flatMap((sink) => {
      const value = valueOf(sink);
      return value === null ? [] : [{ sink: sink.name, value }];
    }),
  }));
}
