import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { idTimeMs } from '../../core/id.ts';
import { TIME_LEXEMES } from './event-tables.ts';
import { firstIdAt } from './id-range.ts';

/** Ids from `from` on and below `below`; open where absent. */
export interface Span {
  readonly from?: string | undefined;
  readonly below?: string | undefined;
}

/** Lexemes of time that one question to the index may name. */
const MAX_TIME_LEXEMES = 12;
/** Bits of a time that one character of an id tells, and characters that all of it takes. */
const BITS = 5;
const CHARACTERS = 10;
const PREFIX = 'evt_';

/** Whether an event lies in the span. */
export function within({ from, below }: Span): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${from === undefined ? sql`true` : sql`id >= ${from}`} and ${below === undefined ? sql`true` : sql`id < ${below}`})`;
}

/**
 * Lexemes of time that cover the span, as narrowly as few of them can; empty where only too many would.
 * Events at its ends may lie outside.
 */
export function timeLexemes({ from, below }: Required<Span>): readonly string[] {
  for (const [name, length] of Object.entries(TIME_LEXEMES).toReversed()) {
    const widthMs = 2 ** (BITS * (CHARACTERS + PREFIX.length - length));
    const first = Math.floor(timeOf(from) / widthMs);
    const last = Math.floor(timeOf(below) / widthMs);
    if (last - first < MAX_TIME_LEXEMES)
      return Array.from(
        { length: last - first + 1 },
        (_, i) => name + firstIdAt('evt', (first + i) * widthMs).slice(0, length),
      );
  }
  return [];
}

/** Milliseconds since the epoch; of an id that is cut short, the first of all it may stand for. */
function timeOf(id: string | undefined): number {
  return idTimeMs((id ?? '').padEnd(PREFIX.length + CHARACTERS + 16, '0'));
}
