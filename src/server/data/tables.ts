import type { TrafficClass } from '../api/types.ts';
import type { ExclusionReplay, ExclusionState, FindingFacts, ReportState } from '../api/shield-types.ts';
import type { DecisionStep } from '../../core/decision.ts';
import type { EventClass, EventOutcome, Severity } from '../../core/events.ts';
import type { Scalar, VerdictKind } from '../../core/verdict.ts';

/** The tables as the query builder sees them. Times are milliseconds since the epoch. */
export interface Tables {
  'rampart.decisions': DecisionsTable;
  'rampart.traffic': TrafficTable;
  'rampart.events': EventsTable;
  'rampart.policies': { hash: string; configuration: string; first_seen_ms: number };
  'rampart.blocks': BlocksTable;
  'rampart.limit_lists': LimitListsTable;
  'rampart.setup_tokens': SetupTokensTable;
  'rampart.console_sessions': ConsoleSessionsTable;
  'rampart.settings': { name: string; value: string; changed_at_ms: number; changed_by: string };
  'rampart.sample_orders': SampleOrdersTable;
  'rampart.uploads': UploadsTable;
  'rampart.shield_exclusions': ShieldExclusionsTable;
  'rampart.false_alarms': FalseAlarmsTable;
}

/** One row per kept decision; see core/decision.ts. */
export interface DecisionsTable {
  id: string;
  at_ms: number;
  node: string;
  policy: string;
  method: string;
  route: string;
  path: string;
  address: string;
  /** The address as the database compares it; null where `address` is none. */
  ip: string | null;
  client_group: string;
  /** Number of the network; null where it is not known. */
  asn: number | null;
  /** ISO 3166-1 alpha-2; null where it is not known. */
  country: string | null;
  principal: string | null;
  user_agent: string | null;
  verdict: VerdictKind;
  traffic_class: TrafficClass;
  guard: string | null;
  code: string | null;
  status: number;
  would_refuse: readonly string[];
  duration_ms: number;
  weight: number;
  steps: readonly DecisionStep[];
}

/** Exact counts: one row per 10 s, node and route. */
export interface TrafficTable {
  bucket_ms: number;
  node: string;
  route: string;
  allowed: number;
  answered: number;
  challenged: number;
  limited: number;
  blocked: number;
  would_refuse: number;
}

/** One row per event; see core/events.ts. */
export interface EventsTable {
  id: string;
  type: string;
  severity: Severity;
  class: EventClass;
  at_ms: number;
  node: string;
  about: string;
  actor: string | null;
  subject: string | null;
  address: string | null;
  route: string | null;
  decision: string | null;
  outcome: EventOutcome | null;
  details: Readonly<Record<string, Scalar>>;
  /** The address as the database compares it; null where `address` is none. */
  ip: string | null;
  session: string | null;
  user_agent: string | null;
  place: string | null;
  request: string | null;
  trace: string | null;
  resolved_at_ms: number | null;
  resolved_by: string | null;
  expired_at_ms: number | null;
}

/** Blocks past and present. */
export interface BlocksTable {
  id: string;
  target: string;
  reason: string;
  created_by: string;
  created_at_ms: number;
  expires_at_ms: number | null;
  removed_at_ms: number | null;
  removed_by: string | null;
}

/** Allow and deny lists of the limits. */
export interface LimitListsTable {
  list: 'allow' | 'deny';
  value: string;
  note: string | null;
  added_by: string;
  added_at_ms: number;
}

/** Single-use sign-in links, by the SHA-256 of their token. */
export interface SetupTokensTable {
  token_hash: string;
  name: string;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

/** Console sessions, by the SHA-256 of their token. */
export interface ConsoleSessionsTable {
  token_hash: string;
  name: string;
  created_at_ms: number;
  seen_at_ms: number;
  expires_at_ms: number;
}

/** The sample application's orders. */
export interface SampleOrdersTable {
  id: string;
  owner: string;
  restaurant: string | null;
  driver: string | null;
  items: readonly { readonly name: string; readonly quantity: number }[];
  instructions: string | null;
  status: 'placed' | 'preparing' | 'delivered' | 'cancelled';
  created_at_ms: number;
  updated_at_ms: number;
}

/** Files that people sent, and what became of them. */
export interface UploadsTable {
  id: string;
  upload: string;
  owner: string | null;
  state: 'kept' | 'held' | 'infected' | 'refused';
  reason: string | null;
  signature: string | null;
  type: string | null;
  extension: string;
  display_name: string;
  bytes: number;
  sha256: string | null;
  flags: readonly string[];
  width: number | null;
  height: number | null;
  address: string | null;
  decision: string | null;
  at_ms: number;
  changed_by: string | null;
  changed_at_ms: number | null;
}

/** What inspection leaves out beside the configuration, past, present and to be. */
export interface ShieldExclusionsTable {
  id: string;
  state: ExclusionState;
  route: string | null;
  field: string | null;
  rules: readonly string[];
  reason: string;
  created_by: string;
  created_at_ms: number;
  changed_by: string | null;
  changed_at_ms: number | null;
  replay: ExclusionReplay | null;
}

/** Reports of requests that were refused and should not have been. */
export interface FalseAlarmsTable {
  id: string;
  decision: string;
  state: ReportState;
  note: string;
  reported_by: string;
  at_ms: number;
  guard: string | null;
  route: string | null;
  address: string | null;
  findings: readonly FindingFacts[];
  settled_by: string | null;
  settled_at_ms: number | null;
  exclusion: string | null;
}
