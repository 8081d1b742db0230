import type { SqlStore } from '../../ports/sql.ts';
import { BlockStore } from './blocks.ts';
import { DecisionStore } from './decisions.ts';
import { DetectionStore } from './detections.ts';
import { EventStore } from './events.ts';
import { ExclusionStore } from './exclusions.ts';
import { FalseAlarmStore } from './false-alarms.ts';
import { ListStore } from './lists.ts';
import { PolicyStore, SettingStore } from './policies.ts';
import { QueryReportStore } from './query-reports.ts';
import { ResponseStore } from './responses.ts';
import { SampleOrderStore } from './sample-orders.ts';
import { SampleRowStore } from './sample-rows.ts';
import { SessionStore, SetupStore } from './sessions.ts';
import { TrafficStore } from './traffic.ts';

/** Everything that the server keeps, over one database. */
export interface Stores {
  readonly sql: SqlStore;
  readonly decisions: DecisionStore;
  readonly traffic: TrafficStore;
  readonly events: EventStore;
  readonly detections: DetectionStore;
  readonly policies: PolicyStore;
  readonly settings: SettingStore;
  readonly blocks: BlockStore;
  readonly lists: ListStore;
  readonly exclusions: ExclusionStore;
  readonly falseAlarms: FalseAlarmStore;
  readonly setup: SetupStore;
  readonly sessions: SessionStore;
  readonly queryReports: QueryReportStore;
  readonly responses: ResponseStore;
  readonly sampleOrders: SampleOrderStore;
  readonly sampleRows: SampleRowStore;
}

/** Opens all stores; the database must have gone through `migrations`. */
export function createStores(sql: SqlStore): Stores {
  return {
    sql,
    decisions: new DecisionStore(sql),
    traffic: new TrafficStore(sql),
    events: new EventStore(sql),
    detections: new DetectionStore(sql),
    policies: new PolicyStore(sql),
    settings: new SettingStore(sql),
    blocks: new BlockStore(sql),
    lists: new ListStore(sql),
    exclusions: new ExclusionStore(sql),
    falseAlarms: new FalseAlarmStore(sql),
    setup: new SetupStore(sql),
    sessions: new SessionStore(sql),
    queryReports: new QueryReportStore(sql),
    responses: new ResponseStore(sql),
    sampleOrders: new SampleOrderStore(sql),
    sampleRows: new SampleRowStore(sql),
  };
}

export { BlockStore, MAX_BLOCKS, type NewBlock, type StoredBlock } from './blocks.ts';
export { DecisionStore, type DecisionQuery, type StoredDecision, summaryOfRecord } from './decisions.ts';
export { MAX_LOOKED_AT, type TargetHelp, type TargetTraffic } from './block-traffic.ts';
export { type DetectionCount, DetectionStore, eventsSince, MAX_EVENT_PAGE } from './detections.ts';
export type { EventFilters } from './event-filters.ts';
export {
  EventKeeper,
  type EventPartStatus,
  isOpen,
  isSettled,
  layPart,
  readEventParts,
  readParts,
} from './event-partitions/index.ts';
export { eventEntry } from './event-rows.ts';
export { type EventPage, type EventQuery, EventStore, MAX_EVENTS_PAGE } from './events.ts';
export { type ExclusionContent, ExclusionStore, MAX_DRAFTS, MAX_LIVE, MAX_WITHDRAWN } from './exclusions.ts';
export { FalseAlarmStore, MAX_OPEN_REPORTS, MAX_REPORTS, type NewReport } from './false-alarms.ts';
export { FILTER_FIELDS, type Filter, type Filters, MAX_FILTERS, NO_FILTERS, readFilters } from './filters.ts';
export {
  countInspected,
  groupsRefusedBy,
  INSPECTION,
  type InspectedDecision,
  inspectedPage,
  type Span,
} from './inspected.ts';
export type { InsertCount } from './insert.ts';
export { type ListName, ListStore, MAX_LIST_ENTRIES } from './lists.ts';
export { type DataMigration, migrations } from './migrations.ts';
export {
  MAX_COUNTED_RECORDS,
  MAX_TOP_RECORDS,
  overview,
  type Overview,
  type OverviewQuery,
} from './overview.ts';
export { PolicyStore, SettingStore } from './policies.ts';
export {
  MAX_QUERY_SOURCES,
  QUERY_REPORT_LIFE_MS,
  type QueryReport,
  QueryReportStore,
  type QuerySource,
} from './query-reports.ts';
export { fitsFilter, MAX_OPEN_LEASES, ResponseStore } from './responses.ts';
export { DEFAULT_RETENTION, deleteExpired, expiryOf, tidyTables, type Retention } from './retention.ts';
export { MAX_ORDERS, MAX_ORDERS_PER_OWNER, type SampleOrder, SampleOrderStore } from './sample-orders.ts';
export {
  MAX_SAMPLE_ROWS,
  MAX_SAMPLE_ROWS_EACH,
  type SampleFilters,
  type SampleRefusal,
  type SampleRow,
  SampleRowStore,
  type SampleValues,
} from './sample-rows.ts';
export { SAMPLE_TABLES, type SampleTable } from './sample-tables.ts';
export { enrolment } from './security-accounts.ts';
export {
  countEvents,
  detectionSlots,
  lastEvents,
  MAX_COUNTED_EVENTS,
  MAX_DETECTIONS,
  signInCounts,
  signInsByFactors,
} from './security-events.ts';
export { harmFigures, MAX_HARM_RECORDS } from './security-harm.ts';
export {
  type ConsoleSession,
  SESSION_ABSOLUTE_MS,
  SESSION_IDLE_MS,
  SessionStore,
  SETUP_LINK_MS,
  SetupStore,
} from './sessions.ts';
export { MAX_FIGURE_RECORDS, shieldFigures, type ShieldFigures } from './shield-figures.ts';
export { TRAFFIC_BUCKET_MS, type TrafficEntry, TrafficStore } from './traffic.ts';
export { noTraffic, refusedOf, totalOf, trafficClassOf } from './traffic-class.ts';
