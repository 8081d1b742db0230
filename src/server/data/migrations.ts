import { stampTable } from '../../base/database/environment-stamp.ts';
import { accessOverdueColumn, accessTables } from '../../modules/access/grants/index.ts';
import { holdTables } from '../../modules/audit/holds.ts';
import { auditTables } from '../../modules/audit/tables.ts';
import { alertOriginIndexes, alertTables } from '../../modules/respond/index.ts';
import { sinkTables } from '../../modules/sinks/tables.ts';
import { keyTables } from '../keys/tables.ts';
import { queryReportTables } from './query-reports.ts';
import { sampleTables } from './sample-tables.ts';
import { identityTables } from '../../modules/identity/tables/index.ts';
import { eventPartitions } from './event-partitions/migration.ts';
import { eventParts, eventSearch, eventTerms } from './event-tables.ts';
import { foundIndex } from './shield-figures.ts';
import { decisionPlaces } from './decision-places.ts';
import {
  responseAlertColumn,
  responseEvidenceIndex,
  responseMetColumn,
  responseTables,
} from './response-tables.ts';
import { shieldTables } from './shield-tables.ts';
import { trafficSums } from './traffic-tables.ts';
import { fileKeyTables } from '../uploads/file-keys.ts';
import { uploadTables } from '../uploads/tables.ts';

/** One forward step of the database's shape. Never edited once released: a later one mends it. */
export interface DataMigration {
  readonly id: string;
  readonly sql: string;
}

/**
 * The server's tables, in a schema of their own so that they can share a database with the application.
 * Runs on PostgreSQL 15 and later and on the embedded one. Ids are time-ordered and collate by byte, so that the
 * primary key is also the order of time: pages and ranges need no second index.
 */
export const migrations: readonly DataMigration[] = [
  {
    id: '0001-records',
    sql: `
CREATE SCHEMA IF NOT EXISTS rampart;

CREATE TABLE rampart.decisions (
  id text COLLATE "C" PRIMARY KEY,
  at_ms bigint NOT NULL,
  node text NOT NULL,
  policy text NOT NULL,
  method text NOT NULL,
  route text NOT NULL,
  path text NOT NULL,
  address text NOT NULL,
  ip inet,
  client_group text NOT NULL,
  principal text,
  user_agent text,
  verdict text NOT NULL,
  traffic_class text NOT NULL,
  guard text,
  code text,
  status integer NOT NULL,
  would_refuse jsonb NOT NULL,
  duration_ms double precision NOT NULL,
  weight double precision NOT NULL,
  steps jsonb NOT NULL
);
CREATE INDEX decisions_ip ON rampart.decisions (ip, id);
CREATE INDEX decisions_group ON rampart.decisions (client_group, id);
CREATE INDEX decisions_principal ON rampart.decisions (principal, id) WHERE principal IS NOT NULL;
CREATE INDEX decisions_guard ON rampart.decisions (guard, id) WHERE guard IS NOT NULL;
CREATE INDEX decisions_would_refuse ON rampart.decisions (id) WHERE would_refuse <> '[]'::jsonb;

CREATE TABLE rampart.traffic (
  bucket_ms bigint NOT NULL,
  node text NOT NULL,
  route text NOT NULL,
  allowed bigint NOT NULL,
  answered bigint NOT NULL,
  challenged bigint NOT NULL,
  limited bigint NOT NULL,
  blocked bigint NOT NULL,
  would_refuse bigint NOT NULL,
  PRIMARY KEY (bucket_ms, node, route)
);

CREATE TABLE rampart.events (
  id text COLLATE "C" PRIMARY KEY,
  type text NOT NULL,
  severity text NOT NULL,
  class text NOT NULL,
  at_ms bigint NOT NULL,
  node text NOT NULL,
  about text NOT NULL,
  actor text,
  subject text,
  address text,
  route text,
  decision text,
  outcome text,
  details jsonb NOT NULL
);
CREATE INDEX events_type ON rampart.events (type, id);
CREATE INDEX events_severity ON rampart.events (severity, id);

CREATE TABLE rampart.policies (
  hash text PRIMARY KEY,
  configuration jsonb NOT NULL,
  first_seen_ms bigint NOT NULL
);`,
  },
  {
    id: '0002-console',
    sql: `
CREATE TABLE rampart.blocks (
  id text COLLATE "C" PRIMARY KEY,
  target text NOT NULL,
  reason text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  removed_at_ms bigint,
  removed_by text
);
CREATE UNIQUE INDEX blocks_standing ON rampart.blocks (target) WHERE removed_at_ms IS NULL;

CREATE TABLE rampart.limit_lists (
  list text NOT NULL CHECK (list IN ('allow', 'deny')),
  value text NOT NULL,
  note text,
  added_by text NOT NULL,
  added_at_ms bigint NOT NULL,
  PRIMARY KEY (list, value)
);

CREATE TABLE rampart.setup_tokens (
  token_hash text PRIMARY KEY,
  name text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint
);

CREATE TABLE rampart.console_sessions (
  token_hash text PRIMARY KEY,
  name text NOT NULL,
  created_at_ms bigint NOT NULL,
  seen_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);

CREATE TABLE rampart.settings (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_at_ms bigint NOT NULL,
  changed_by text NOT NULL
);

CREATE TABLE rampart.sample_orders (
  id text COLLATE "C" PRIMARY KEY,
  owner text NOT NULL,
  items jsonb NOT NULL,
  instructions text,
  status text NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
);
CREATE INDEX sample_orders_owner ON rampart.sample_orders (owner, id);`,
  },
  {
    id: '0003-identity',
    sql: `${identityTables}
CREATE INDEX events_subject ON rampart.events (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX events_actor ON rampart.events (actor, id) WHERE actor IS NOT NULL;`,
  },
  {
    id: '0004-access',
    sql: accessTables,
  },
  { id: '0005-keys', sql: keyTables },
  { id: '0006-database', sql: stampTable },
  {
    id: '0007-sample',
    sql: `ALTER TABLE rampart.sample_orders ADD COLUMN restaurant text, ADD COLUMN driver text;
CREATE INDEX sample_orders_restaurant ON rampart.sample_orders (restaurant, id) WHERE restaurant IS NOT NULL;
CREATE INDEX sample_orders_driver ON rampart.sample_orders (driver, id) WHERE driver IS NOT NULL;`,
  },
  { id: '0008-sample-rows', sql: sampleTables },
  { id: '0009-review-overdue', sql: accessOverdueColumn },
  { id: '0010-audit', sql: auditTables },
  { id: '0011-query-reports', sql: queryReportTables },
  { id: '0012-uploads', sql: uploadTables },
  {
    id: '0013-sample-restaurants',
    sql: `ALTER TABLE rampart.sample_restaurants ADD COLUMN description text, ADD COLUMN phone text, ADD COLUMN street text,
  ADD COLUMN latitude numeric(8, 5), ADD COLUMN longitude numeric(8, 5);`,
  },
  { id: '0014-shield', sql: shieldTables },
  { id: '0015-found', sql: foundIndex },
  { id: '0016-file-keys', sql: fileKeyTables },
  { id: '0017-alerts', sql: alertTables },
  { id: '0018-responses', sql: responseTables },
  { id: '0019-events-search', sql: eventSearch },
  { id: '0021-sinks', sql: sinkTables },
  { id: '0022-decision-places', sql: decisionPlaces },
  { id: '0023-response-alerts', sql: responseAlertColumn },
  { id: '0024-followed', sql: `${alertOriginIndexes}\n${responseEvidenceIndex}` },
  { id: '0025-traffic-sums', sql: trafficSums },
  { id: '0026-event-terms', sql: eventTerms },
  { id: '0028-holds', sql: holdTables },
  { id: '0029-event-parts', sql: eventParts },
  { id: '0030-event-partitions', sql: eventPartitions },
  { id: '0031-response-met', sql: responseMetColumn },
];
