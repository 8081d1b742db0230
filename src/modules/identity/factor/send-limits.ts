import { firstRow } from '../../../base/database/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { CodeSendRow } from '../tables/factor.ts';
import type { CodeSettings } from './options.ts';
import { db } from './query.ts';

/** Whom a code would go to and who asks. */
export type SendKeys = Pick<
  CodeSendRow,
  'channel' | 'account' | 'to_hash' | 'range_hash' | 'group_hash' | 'country'
>;

/** Whether a code may be sent. `pumping` names what looks like toll fraud. */
export type SendLeave =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly retryAfterMs: number;
      readonly pumping?: 'group' | 'country' | 'range';
    };

type Column = 'to_hash' | 'account' | 'group_hash' | 'country' | 'range_hash';
interface Limit {
  readonly column: Column;
  readonly windowMs: number;
  readonly max: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How long is told to wait where a pattern of fraud was seen. */
const STOP_MS = HOUR_MS;

/** Everything that is counted, by channel; mail costs nothing, so that no country is counted there. */
function limitsOf(settings: CodeSettings, channel: 'sms' | 'email'): readonly Limit[] {
  const limits: Limit[] = [
    { column: 'to_hash', windowMs: settings.every, max: 1 },
    { column: 'to_hash', windowMs: HOUR_MS, max: settings.perHour },
    { column: 'to_hash', windowMs: DAY_MS, max: settings.perDay },
    { column: 'account', windowMs: HOUR_MS, max: settings.perUserHour },
    { column: 'account', windowMs: DAY_MS, max: settings.perUserDay },
    { column: 'group_hash', windowMs: HOUR_MS, max: settings.perGroupHour },
  ];
  if (channel === 'sms') limits.push({ column: 'country', windowMs: HOUR_MS, max: settings.perCountryHour });
  return limits;
}

/** Asks all limits. Must run where no other send is decided at the same time. */
export async function judgeSend(
  tx: SqlRunner,
  settings: CodeSettings,
  keys: SendKeys,
  nowMs: number,
): Promise<SendLeave> {
  let untilMs = 0;
  for (const limit of limitsOf(settings, keys.channel)) {
    const atMs = await nthLatest(tx, keys, limit, nowMs);
    if (atMs !== undefined) untilMs = Math.max(untilMs, atMs + limit.windowMs);
  }
  const pumping = keys.channel === 'sms' ? await patternOf(tx, settings, keys, nowMs) : undefined;
  if (pumping !== undefined) {
    return { allowed: false, retryAfterMs: Math.max(STOP_MS, untilMs - nowMs), pumping };
  }
  return untilMs > nowMs ? { allowed: false, retryAfterMs: untilMs - nowMs } : { allowed: true };
}

/** When the send was made that fills the limit: once it has left the window, another may follow. */
async function nthLatest(
  tx: SqlRunner,
  keys: SendKeys,
  limit: Limit,
  nowMs: number,
): Promise<number | undefined> {
  const row = await firstRow(
    tx,
    db
      .selectFrom('rampart.identity_code_sends')
      .select('at_ms')
      .where(limit.column, '=', keys[limit.column] ?? '')
      .where('channel', '=', keys.channel)
      .where('at_ms', '>', nowMs - limit.windowMs)
      .orderBy('at_ms', 'desc')
      .offset(limit.max - 1)
      .limit(1),
  );
  return row?.at_ms;
}

/**
 * Toll fraud shows itself twice: in numbers that stand next to each other, and in codes that nobody types. A country is
 * looked at for an hour only, so that a fraud cannot keep its people out for a day.
 */
async function patternOf(
  tx: SqlRunner,
  settings: CodeSettings,
  keys: SendKeys,
  nowMs: number,
): Promise<'group' | 'country' | 'range' | undefined> {
  if ((await neighbours(tx, keys, nowMs)) >= settings.perRangeHour) return 'range';
  if (await noneUsed(tx, settings, keys, 'group_hash', nowMs, DAY_MS)) return 'group';
  if (await noneUsed(tx, settings, keys, 'country', nowMs, HOUR_MS)) return 'country';
  return undefined;
}

/** How many other numbers of the same thousand were written to in the last hour. */
async function neighbours(tx: SqlRunner, keys: SendKeys, nowMs: number): Promise<number> {
  const row = await firstRow(
    tx,
    db
      .selectFrom('rampart.identity_code_sends')
      .select(({ fn }) => fn.count<number>('to_hash').distinct().as('numbers'))
      .where('range_hash', '=', keys.range_hash ?? '')
      .where('to_hash', '!=', keys.to_hash)
      .where('at_ms', '>', nowMs - HOUR_MS),
  );
  return row?.numbers ?? 0;
}

/** Whether enough codes were sent, not one was used, and half of their life is over. */
async function noneUsed(
  tx: SqlRunner,
  settings: CodeSettings,
  keys: SendKeys,
  column: 'group_hash' | 'country',
  nowMs: number,
  windowMs: number,
): Promise<boolean> {
  const row = await firstRow(
    tx,
    db
      .selectFrom('rampart.identity_code_sends')
      .select(({ fn }) => [
        fn.count<number>('used_at_ms').as('used'),
        fn
          .countAll<number>()
          .filterWhere('at_ms', '<=', nowMs - settings.life / 2)
          .as('due'),
      ])
      .where(column, '=', keys[column] ?? '')
      .where('channel', '=', 'sms')
      .where('at_ms', '>', nowMs - windowMs),
  );
  return (row?.used ?? 0) === 0 && (row?.due ?? 0) >= settings.unusedToStop;
}
