import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { formatCidr } from '../../core/address.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { type BlockPlaces, type BlockTarget, parseTarget } from '../../modules/shield/index.ts';
import { firstIdAt } from './id-range.ts';
import { db, firstRow, rows } from './query.ts';

/** Whom a block would have hit, counted back to all traffic. */
export interface TargetTraffic {
  readonly requests: number;
  /** Of them, those that nothing refused. */
  readonly passed: number;
  /** Different signed-in callers. */
  readonly principals: number;
  /** From when on records were looked at, milliseconds since the epoch: later than asked where there were too many. */
  readonly sinceMs: number;
}

/** What is needed to count some kinds. */
export interface TargetHelp {
  /** Where addresses are: for networks and countries; without it they count nothing. */
  readonly places?: BlockPlaces | undefined;
  /** Principals behind a session or device; without them such a target counts nothing. */
  readonly principals?: readonly string[];
}

/** Records that are looked through where no index leads to the target. */
export const MAX_LOOKED_AT = 100_000;

const REQUESTS = sql<number>`coalesce(round(sum(weight)), 0)::bigint`;
const PASSED = sql<number>`coalesce(round(sum(weight) filter (where verdict in ('pass', 'answer'))), 0)::bigint`;

/** What a block of `target` would have hit since a time. */
export function trafficOf(
  runner: SqlRunner,
  target: string,
  sinceMs: number,
  { places, principals = [] }: TargetHelp = {},
): Promise<TargetTraffic> {
  const read = parseTarget(target);
  const nothing = Promise.resolve({ requests: 0, passed: 0, principals: 0, sinceMs });
  switch (read?.kind) {
    case undefined:
      return nothing;
    case 'address':
    case 'range':
      return counted(runner, sinceMs, sql<boolean>`ip <<= ${formatCidr(read.range)}::text::inet`);
    case 'asn':
    case 'country':
      return places === undefined ? nothing : ofPlace(runner, read, sinceMs, places);
    case 'user':
      return counted(runner, sinceMs, anyPrincipal([read.id, `user:${read.id}`]));
    case 'session':
    case 'device': {
      if (principals.length === 0) return nothing;
      const step = [{ guard: 'blockList.caller', evidence: { features: { [read.kind]: read.id } } }];
      return counted(
        runner,
        sinceMs,
        sql<boolean>`${anyPrincipal(principals)} and steps @> ${JSON.stringify(step)}::text::jsonb`,
      );
    }
  }
}

function anyPrincipal(principals: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`principal in (${sql.join(principals)})`;
}

async function counted(
  runner: SqlRunner,
  sinceMs: number,
  fits: RawBuilder<SqlBool>,
): Promise<TargetTraffic> {
  const select = db
    .selectFrom('rampart.decisions')
    .select([
      REQUESTS.as('requests'),
      PASSED.as('passed'),
      sql<number>`count(distinct principal)`.as('principals'),
    ])
    .where(fits)
    .where('id', '>=', firstIdAt('dec', sinceMs));
  const { requests = 0, passed = 0, principals = 0 } = (await firstRow(runner, select)) ?? {};
  return { requests, passed, principals, sinceMs };
}

/** The database knows no places: the newest records are counted by address, and each address is looked up once. */
async function ofPlace(
  runner: SqlRunner,
  target: Extract<BlockTarget, { kind: 'asn' | 'country' }>,
  sinceMs: number,
  places: BlockPlaces,
): Promise<TargetTraffic> {
  const newest = db
    .selectFrom('rampart.decisions')
    .select(['address', 'principal', 'weight', 'verdict', 'at_ms'])
    .where('id', '>=', firstIdAt('dec', sinceMs))
    .orderBy('id', 'desc')
    .limit(MAX_LOOKED_AT);
  const found = await rows(
    runner,
    db
      .selectFrom(newest.as('newest'))
      .select(['address', 'principal', REQUESTS.as('requests'), PASSED.as('passed')])
      .select([sql<number>`count(*)`.as('records'), sql<number>`min(at_ms)`.as('from_ms')])
      .groupBy(['address', 'principal']),
  );
  const isThere = new Map<string, boolean>();
  const principals = new Set<string>();
  const sum = { requests: 0, passed: 0, records: 0, fromMs: Infinity };
  for (const row of found) {
    sum.records += row.records;
    sum.fromMs = Math.min(sum.fromMs, row.from_ms);
    let here = isThere.get(row.address);
    if (here === undefined) {
      const place = places(row.address);
      here = target.kind === 'asn' ? place?.asn === target.asn : place?.country === target.country;
      isThere.set(row.address, here);
    }
    if (!here) continue;
    sum.requests += row.requests;
    sum.passed += row.passed;
    if (row.principal !== null) principals.add(row.principal);
  }
  return {
    requests: sum.requests,
    passed: sum.passed,
    principals: principals.size,
    sinceMs: sum.records < MAX_LOOKED_AT ? sinceMs : sum.fromMs,
  };
}
