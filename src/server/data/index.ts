import type { SqlStore } from '../../ports/sql.ts';
import { BlockStore } from './blocks.ts';
import { DecisionStore } from './decisions.ts';
import { EventStore } from './events.ts';
import { ListStore } from './lists.ts';
import { PolicyStore, SettingStore } from './policies.ts';
import { SampleOrderStore } from './sample-orders.ts';
import { SessionStore, SetupStore } from './sessions.ts';
import { TrafficStore } from './traffic.ts';

/** Everything that the server keeps, over one database. */
export interface Stores {
  readonly sql: SqlStore;
  readonly decisions: DecisionStore;
  readonly traffic: TrafficStore;
  readonly events: EventStore;
  readonly policies: PolicyStore;
  readonly settings: SettingStore;
  readonly blocks: BlockStore;
  readonly lists: ListStore;
  readonly setup: SetupStore;
  readonly sessions: SessionStore;
  readonly sampleOrders: SampleOrderStore;
}

/** Opens all stores; the database must have gone through `migrations`. */
export function createStores(sql: SqlStore): Stores {
  return {
    sql,
    decisions: new DecisionStore(sql),
    traffic: new TrafficStore(sql),
    events: new EventStore(sql),
    policies: new PolicyStore(sql),
    settings: new SettingStore(sql),
    blocks: new BlockStore(sql),
    lists: new ListStore(sql),
    setup: new SetupStore(sql),
    sessions: new SessionStore(sql),
    sampleOrders: new SampleOrderStore(sql),
  };
}

export { BlockStore, MAX_BLOCKS, type NewBlock, type StoredBlock } from './blocks.ts';
export {
  DecisionStore,
  type DecisionQuery,
  type StoredDecision,
  summaryOfRecord,
  type TargetTraffic,
} from './decisions.ts';
export { eventEntry, EventStore, type EventQuery } from './events.ts';
export { FILTER_FIELDS, type Filter, type Filters, MAX_FILTERS, NO_FILTERS, readFilters } from './filters.ts';
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
export { DEFAULT_RETENTION, deleteExpired, tidyTables, type Retention } from './retention.ts';
export { MAX_ORDERS, MAX_ORDERS_PER_OWNER, type SampleOrder, SampleOrderStore } from './sample-orders.ts';
export {
  type ConsoleSession,
  SESSION_ABSOLUTE_MS,
  SESSION_IDLE_MS,
  SessionStore,
  SETUP_LINK_MS,
  SetupStore,
} from './sessions.ts';
export { TRAFFIC_BUCKET_MS, type TrafficEntry, TrafficStore } from './traffic.ts';
export { noTraffic, refusedOf, totalOf, trafficClassOf } from './traffic-class.ts';
