import { formatAddress, parseAddress } from '../../core/address.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { Json } from './canonical.ts';
import type { AuditRow } from './leaf.ts';
import { Frontier } from './tree.ts';

/** Columns of an audit event, for a query over `rampart.events AS e`. */
export const EVENT_COLUMNS = `e.id, e.type, e.severity, e.class, e.at_ms, e.node, e.about, e.actor, e.subject, e.address,
  e.route, e.decision, e.outcome, e.details, e.session, e.user_agent, e.place, e.request, e.trace, host(e.ip) AS ip, e.expired_at_ms`;

/** Reads such a row. */
export function auditRow(row: Readonly<Record<string, unknown>>): AuditRow {
  return {
    id: row['id'] as string,
    type: row['type'] as string,
    severity: row['severity'] as string,
    class: row['class'] as string,
    atMs: row['at_ms'] as number,
    node: row['node'] as string,
    about: row['about'] as string,
    actor: row['actor'] as string | null,
    subject: row['subject'] as string | null,
    address: addressOf(row['address'] as string | null, row['ip'] as string | null),
    route: row['route'] as string | null,
    decision: row['decision'] as string | null,
    outcome: row['outcome'] as string | null,
    details: row['details'] as Json,
    session: row['session'] as string | null,
    userAgent: row['user_agent'] as string | null,
    place: row['place'] as string | null,
    request: row['request'] as string | null,
    trace: row['trace'] as string | null,
  };
}

/**
 * The address, unless the copy of it that searches go by says another one: then that, which is not what was committed to.
 * Otherwise an event could be hidden from who looks for its address, and nobody would see it.
 */
function addressOf(address: string | null, copy: string | null): string | null {
  // An address with a zone has no copy on old rows.
  const own = address === null || address.includes('%') ? undefined : parseAddress(address);
  const copied = copy === null ? undefined : parseAddress(copy);
  const [expected, found] = [own && formatAddress(own), copied && formatAddress(copied)];
  if (expected === found || (own === undefined && copied === undefined)) return address;
  return `${address ?? ''} (searched as ${copy ?? 'nothing'})`;
}

/** Where the log stands. */
export interface LogState {
  /** Name of the log in its checkpoints. */
  readonly origin: string;
  readonly tree: Frontier;
  readonly sequencedUs: bigint;
  /** Microseconds since the epoch, by the clock of the database. */
  readonly nowUs: bigint;
}

const NOW_US = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';

/** Reads the state; `undefined` where nothing was ever sequenced. */
export async function readState(sql: SqlRunner): Promise<LogState | undefined> {
  const { rows } = await sql.query(
    `SELECT log_id, size, edge, sequenced_us::text AS sequenced_us, ${NOW_US}::text AS now_us FROM rampart.audit_log`,
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    origin: originOf(row['log_id'] as string),
    tree: Frontier.decode(Number(row['size']), new Uint8Array(row['edge'] as Uint8Array)),
    sequencedUs: BigInt(row['sequenced_us'] as string),
    nowUs: BigInt(row['now_us'] as string),
  };
}

/** Name of a log in its checkpoints. */
export function originOf(logId: string): string {
  return `rampart/audit/${logId}`;
}

/** Lets one at a time write the log, of all nodes; until the transaction ends. */
export async function lockLog(sql: SqlRunner): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('rampart audit log', 0))");
}

/** Makes the log where there is none. */
export async function makeLog(sql: SqlRunner, logId: string): Promise<void> {
  await sql.query(
    "INSERT INTO rampart.audit_log (log_id, size, edge, sequenced_us) VALUES ($1, 0, ''::bytea, 0) ON CONFLICT DO NOTHING",
    [logId],
  );
}
