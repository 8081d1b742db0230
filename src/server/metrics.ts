import { TRAFFIC_KINDS } from '../base/observe/index.ts';
import type { SinkEntry } from './api/sink-types.ts';
import { sinkFamilies } from './sinks/metrics.ts';
import type { Foundation } from './foundation.ts';
import { POSTURE_LEVELS } from '../modules/shield/index.ts';
import type { House } from './house.ts';
import type { Pump } from './pump.ts';

const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A label's value as the text format escapes it. */
function label(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const written = Object.entries(labels).map(([name, value]) => `${name}=${label(value)}`);
  return written.length === 0 ? '' : `{${written.join(',')}}`;
}

/** Values under one name. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** What Prometheus reads (text format 0.0.4). @param more other families */
export function prometheusText(
  house: House,
  pump: Pump,
  foundation: Foundation,
  sinks: readonly SinkEntry[],
  more: readonly Family[] = [],
): string {
  const lines: string[] = [];
  const family = (name: string, type: string, help: string): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  };
  const routes = [...house.traffic.routes()];
  family('rampart_requests_total', 'counter', 'Requests by route and verdict.');
  for (const route of routes) {
    TRAFFIC_KINDS.forEach((kind, i) => {
      const count = route.totals[i] as number;
      if (count > 0)
        lines.push(`rampart_requests_total{route=${label(route.route)},verdict="${kind}"} ${count}`);
    });
  }
  family('rampart_request_duration_seconds', 'histogram', 'Time from arrival to the end of the response.');
  for (const { route, durations } of routes) {
    for (const bound of BUCKETS_SECONDS) {
      lines.push(
        `rampart_request_duration_seconds_bucket{route=${label(route)},le="${bound}"} ${durations.countUpTo(bound * 1000)}`,
      );
    }
    lines.push(
      `rampart_request_duration_seconds_bucket{route=${label(route)},le="+Inf"} ${durations.count}`,
      `rampart_request_duration_seconds_sum{route=${label(route)}} ${durations.sumMs / 1000}`,
      `rampart_request_duration_seconds_count{route=${label(route)}} ${durations.count}`,
    );
  }
  const journal = foundation.journal.stats();
  const memory = process.memoryUsage();
  const gauges: readonly [string, string, number][] = [
    ['rampart_journal_waiting', 'Entries that wait for the database.', journal.waiting],
    ['rampart_journal_bytes', 'Bytes of the journal on disk.', journal.bytes],
    [
      'rampart_posture',
      'How hard the site is pressed: 0 normal, 1 elevated, 2 attack.',
      POSTURE_LEVELS.indexOf(house.shield.traffic?.posture().level ?? 'normal'),
    ],
    ['rampart_blocks', 'Blocks in force.', house.blocks.list().length],
    [
      'rampart_limit_store_shared',
      '1 while limits are counted in their configured store.',
      house.limits.storeState().state === 'shared' ? 1 : 0,
    ],
    ['rampart_pass_share', 'Share of the passes that is recorded.', house.passShare()],
    ['process_resident_memory_bytes', 'Memory of the process.', memory.rss],
  ];
  for (const [name, help, value] of gauges) {
    family(name, 'gauge', help);
    lines.push(`${name} ${value}`);
  }
  family(
    'rampart_records_shed_total',
    'counter',
    'Decisions and events dropped because more came than could be kept.',
  );
  lines.push(`rampart_records_shed_total ${pump.shed + house.events.shed}`);
  const challenges = house.shield.challengeCounts?.();
  if (challenges !== undefined) {
    family('rampart_challenges_total', 'counter', 'Challenges by what became of them.');
    for (const [outcome, count] of Object.entries(challenges))
      lines.push(`rampart_challenges_total{outcome="${outcome}"} ${count}`);
  }
  for (const { name, type, help, values } of sinkFamilies(sinks)) {
    family(name, type, help);
    for (const { sink, value } of values) lines.push(`${name}{sink=${label(sink)}} ${value}`);
  }
  for (const { name, type, help, values } of more) {
    family(name, type, help);
    for (const { labels, value } of values) lines.push(`${name}${labelsOf(labels)} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
