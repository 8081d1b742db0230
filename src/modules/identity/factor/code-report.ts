import type { OneTimeCodes } from '../contract.ts';
import type { CodeRow } from '../tables/factor.ts';
import type { FactorPorts } from './ports.ts';
import type { SendKeys } from './send-limits.ts';

type Send = Parameters<OneTimeCodes['send']>[0];

/** Events of codes. */
export type CodeEvent =
  | 'SMS_SENT'
  | 'SMS_SUCCESS'
  | 'SMS_FAILED'
  | 'SMS_EXPIRED'
  | 'SMS_PUMPING'
  | 'EMAIL_CODE_SENT'
  | 'EMAIL_CODE_FAILED';

/** Says what became of a send. Never says the number: the country is enough to see a pattern. */
export function reportSend(
  ports: FactorPorts,
  given: Send,
  type: CodeEvent,
  details: Readonly<Record<string, string>> = {},
): void {
  const { account, facts } = given;
  ports.events.emit(type, {
    subject: account,
    address: facts.address,
    ...(facts.decision === undefined ? {} : { decision: facts.decision }),
    ...(facts.route === undefined ? {} : { route: facts.route }),
    ...(type === 'SMS_SENT' || type === 'EMAIL_CODE_SENT' ? {} : { outcome: 'refused' as const }),
    details,
  });
}

/** Says what became of a code that was typed. */
export function reportCode(
  ports: FactorPorts,
  row: Pick<CodeRow, 'account'>,
  type: CodeEvent,
  reason?: string,
): void {
  ports.events.emit(type, {
    subject: row.account,
    ...(reason === undefined ? {} : { outcome: 'failure' as const, details: { reason } }),
  });
}

/** One pattern of fraud is told once in this time, however many messages it asks for. */
const TELL_EVERY_MS = 600_000;
const MAX_TOLD = 1_000;

/** Decides whether a pattern is told now. Holds at most 1,000 patterns, the oldest are forgotten. */
export function pumpingTeller(): (
  pattern: 'group' | 'country' | 'range',
  keys: SendKeys,
  nowMs: number,
) => boolean {
  const told = new Map<string, number>();
  return (pattern, keys, nowMs) => {
    const where = { group: keys.group_hash, country: keys.country, range: keys.range_hash }[pattern];
    const key = `${pattern} ${where ?? ''}`;
    const lastMs = told.get(key);
    if (lastMs !== undefined && nowMs - lastMs < TELL_EVERY_MS) return false;
    told.delete(key);
    told.set(key, nowMs);
    for (const oldest of told.keys()) {
      if (told.size <= MAX_TOLD) break;
      told.delete(oldest);
    }
    return true;
  };
}
