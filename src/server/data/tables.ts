import type { TrafficClass } from '../api/types.ts';
import type { DecisionStep } from '../../core/decision.ts';
import type { EventClass, Severity } from '../../core/events.ts';
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
  outcome: string | null;
  details: Readonly<Record<string, Scalar>>;
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
