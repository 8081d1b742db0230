import { sql } from 'kysely';
import { parseAddress } from '../../core/address.ts';
import type { DecisionRecord } from '../../core/decision.ts';
import { idTimeMs, isId } from '../../core/id.ts';
import type { BlockPlaces } from '../../modules/shield/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { DecisionSummary } from '../api/types.ts';
import { type TargetHelp, type TargetTraffic, trafficOf } from './block-traffic.ts';
import { condition, type Filters } from './filters.ts';
import { firstIdAt } from './id-range.ts';
import { insertInChunks, type InsertCount } from './insert.ts';
import { toJsonText } from '../../base/database/index.ts';
import { db, firstRow, rows } from './query.ts';
import type { DecisionsTable } from './tables.ts';
import { trafficClassOf } from './traffic-class.ts';

/** A page of decisions to look up. */
export interface DecisionQuery {
  /** 1 to 200. */
  readonly limit: number;
  /** Only decisions older than this id. */
  readonly before?: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly fromMs?: number;
  /** Milliseconds since the epoch, exclusive. */
  readonly toMs?: number;
  readonly filters: Filters;
}

/** A kept decision with what the list shows of it. */
export interface StoredDecision {
  readonly record: DecisionRecord;
  readonly summary: DecisionSummary;
}

const SUMMARY_COLUMNS = [
  'id',
  'at_ms',
  'method',
  'route',
  'path',
  'address',
  'principal',
  'verdict',
  'traffic_class',
  'guard',
  'code',
  'status',
  'would_refuse',
  'duration_ms',
  'weight',
] as const;
type SummaryRow = Pick<DecisionsTable, (typeof SUMMARY_COLUMNS)[number]>;

/** Decision records in the database. */
export class DecisionStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /**
   * Inserts records; those that are there already are left alone, so that a batch may be given again after a failure.
   * A record that the database will not take whatever happens is left out and counted, so that it holds up no other.
   * @param places where addresses are; without it nobody will know
   */
  insertMany(
    records: readonly DecisionRecord[],
    runner: SqlRunner = this.#sql,
    places?: BlockPlaces,
  ): Promise<InsertCount> {
    return insertInChunks(records, (chunk) => insertRecords(runner, chunk, places));
  }

  /** Newest first. */
  async page(query: DecisionQuery): Promise<readonly DecisionSummary[]> {
    let select = db
      .selectFrom('rampart.decisions')
      .select(SUMMARY_COLUMNS)
      .where((eb) => condition(eb, query.filters))
      .orderBy('id', 'desc')
      .limit(Math.min(200, Math.max(1, query.limit)));
    if (query.before !== undefined) select = select.where('id', '<', query.before);
    if (query.fromMs !== undefined) select = select.where('id', '>=', firstIdAt('dec', query.fromMs));
    if (query.toMs !== undefined) select = select.where('id', '<', firstIdAt('dec', query.toMs));
    return (await rows(this.#sql, select)).map(summaryOf);
  }

  /** One whole record. */
  async get(id: string): Promise<StoredDecision | undefined> {
    if (!isId('dec', id)) return undefined;
    const row = await firstRow(
      this.#sql,
      db.selectFrom('rampart.decisions').selectAll().where('id', '=', id),
    );
    return row && { record: recordOf(row), summary: summaryOf(row) };
  }

  /** Other decisions of the same address within `aroundMs` (default 10 min) of a decision, nearest first. */
  async related(
    decision: DecisionSummary,
    aroundMs = 600_000,
    limit = 20,
  ): Promise<readonly DecisionSummary[]> {
    const atMs = idTimeMs(decision.id);
    const ip = parseAddress(decision.address) ? decision.address : null;
    const ofAddress = db
      .selectFrom('rampart.decisions')
      .select(SUMMARY_COLUMNS)
      .where((eb) =>
        ip === null ? eb('address', '=', decision.address) : eb('ip', '=', sql<string>`${ip}::text::inet`),
      )
      .limit(limit);
    // Two short walks along the index, however much came from that address.
    const [before, after] = await Promise.all([
      rows(
        this.#sql,
        ofAddress
          .where('id', '<', decision.id)
          .where('id', '>=', firstIdAt('dec', atMs - aroundMs))
          .orderBy('id', 'desc'),
      ),
      rows(
        this.#sql,
        ofAddress
          .where('id', '>', decision.id)
          .where('id', '<', firstIdAt('dec', atMs + aroundMs))
          .orderBy('id'),
      ),
    ]);
    return [...before, ...after]
      .toSorted((a, b) => Math.abs(a.at_ms - atMs) - Math.abs(b.at_ms - atMs))
      .slice(0, limit)
      .map(summaryOf);
  }

  /** Whom a block of a target would have hit since a time, counted back to all traffic. */
  trafficOf(target: string, sinceMs: number, help?: TargetHelp): Promise<TargetTraffic> {
    return trafficOf(this.#sql, target, sinceMs, help);
  }
}

const INSERT = `
INSERT INTO rampart.decisions
  (id, at_ms, node, policy, method, route, path, address, ip, client_group, asn, country, principal, user_agent,
   verdict, traffic_class, guard, code, status, would_refuse, duration_ms, weight, steps)
SELECT id, at_ms, node, policy, method, route, path, address, ip::inet, client_group, asn, country, principal, user_agent,
   verdict, traffic_class, guard, code, status, would_refuse, duration_ms, weight, steps
FROM jsonb_to_recordset($1::text::jsonb) AS given (
  id text, at_ms bigint, node text, policy text, method text, route text, path text, address text, ip text,
  client_group text, asn bigint, country text, principal text, user_agent text, verdict text, traffic_class text, guard text, code text,
  status integer, would_refuse jsonb, duration_ms double precision, weight double precision, steps jsonb)
ON CONFLICT (id) DO NOTHING`;

async function insertRecords(
  runner: SqlRunner,
  records: readonly DecisionRecord[],
  places: BlockPlaces | undefined,
): Promise<number> {
  const given = records.map((record) => rowOf(record, places?.(record.address)));
  return (await runner.query(INSERT, [toJsonText(given)])).affected;
}

function rowOf(record: DecisionRecord, place?: ReturnType<BlockPlaces>): DecisionsTable {
  return {
    id: record.id,
    at_ms: Math.floor(record.atMs),
    node: record.node,
    policy: record.policy,
    method: record.method,
    route: record.route,
    path: record.path,
    address: record.address,
    ip: parseAddress(record.address) ? record.address : null,
    client_group: record.group,
    asn: place?.asn ?? null,
    country: place?.country ?? null,
    // An index entry of PostgreSQL ends at 2,700 bytes.
    principal: record.principal === null ? null : record.principal.slice(0, 300),
    user_agent: record.userAgent,
    verdict: record.verdict,
    traffic_class: trafficClassOf(record.verdict, record.status, record.code),
    guard: record.guard,
    code: record.code,
    status: record.status,
    would_refuse: record.wouldRefuse,
    duration_ms: record.durationMs,
    weight: record.weight,
    steps: record.steps,
  };
}

/** What lists and the live stream show of a record. */
export function summaryOfRecord(record: DecisionRecord): DecisionSummary {
  return summaryOf(rowOf(record));
}

function summaryOf(row: SummaryRow): DecisionSummary {
  return {
    id: row.id,
    atMs: row.at_ms,
    method: row.method,
    route: row.route,
    path: row.path,
    address: row.address,
    principal: row.principal,
    verdict: row.verdict,
    trafficClass: row.traffic_class,
    guard: row.guard,
    code: row.code,
    status: row.status,
    wouldRefuse: row.would_refuse,
    durationMs: row.duration_ms,
    weight: row.weight,
  };
}

function recordOf(row: DecisionsTable): DecisionRecord {
  const { trafficClass: _class, ...summary } = summaryOf(row);
  return {
    ...summary,
    node: row.node,
    policy: row.policy,
    group: row.client_group,
    userAgent: row.user_agent,
    steps: row.steps,
  };
}
