import { EVENT_PART, EVENT_TERMS } from '../event-tables.ts';

/** An index of a partition, by what its name ends with: what it stands on, and of which rows. */
type Indexes = Readonly<Record<string, string>>;

const filled = (column: string): string => `(${column}, id) WHERE ${column} IS NOT NULL`;
const byPart = (column: string): string => `(${EVENT_PART}, ${column}) WHERE ${column} IS NOT NULL`;

/** Those that the open partition has beside its key: they cost nothing for a signal. */
const EAGER: Indexes = {
  unsequenced: `(id) WHERE class = 'audit' AND audit_seq IS NULL`,
  audit: `(id) WHERE class = 'audit'`,
};

/** Those that a partition gets when hardly anything is added to it any more. The index of words is the last: it takes longest. */
const DEFERRED: Indexes = {
  type: '(type, id)',
  severity: '(severity, id)',
  subject: filled('subject'),
  actor: filled('actor'),
  ip: filled('ip'),
  route: filled('route'),
  decision: filled('decision'),
  resolved: '(id) WHERE resolved_at_ms IS NOT NULL',
  unexpired: `(id) WHERE class = 'audit' AND audit_seq IS NOT NULL AND expired_at_ms IS NULL`,
  session_by_part: byPart('session'),
  request_by_part: byPart('request'),
  trace_by_part: byPart('trace'),
  terms: `USING gin (${EVENT_TERMS}) WITH (gin_pending_list_limit = 4096)`,
};

/** Names of all indexes of a settled partition beside its key, after the partition's own. */
export const INDEXES: readonly string[] = [...Object.keys(EAGER), ...Object.keys(DEFERRED)];

/** The statement that makes one. @param part name of the partition @param index one of `INDEXES` */
export function indexSql(part: string, index: string): string {
  return `CREATE INDEX IF NOT EXISTS ${part}_${index} ON rampart.${part} ${EAGER[index] ?? DEFERRED[index] ?? ''}`;
}

/** Statements for those of a new, empty partition. */
export function eagerIndexes(part: string): readonly string[] {
  return Object.keys(EAGER).map((index) => indexSql(part, index));
}
