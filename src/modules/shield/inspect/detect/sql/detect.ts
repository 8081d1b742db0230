import type { Signals, Where } from '../../types.ts';
import { HAS, textOf } from '../text.ts';
import { scanSql } from './scan.ts';

const QUOTE = 39;
const DOUBLE = 34;
/** Without one of these, and without a word of SQL, nothing can be injected. */
const SIGNS =
  HAS.quote |
  HAS.doubleQuote |
  HAS.paren |
  HAS.semicolon |
  HAS.equals |
  HAS.less |
  HAS.greater |
  HAS.minus |
  HAS.hash |
  HAS.star |
  HAS.at |
  HAS.pipe |
  HAS.ampersand |
  HAS.space |
  HAS.underscore;

/**
 * Injection of SQL: the value is cut as a database would cut it where it stands as it is (numbers, names), inside '…' and
 * inside "…", and each reading is searched for what goes on with a statement.
 */
export function detectSql(value: string, _where: Where, out: Signals): void {
  const { has, lower } = textOf(value);
  if ((has & SIGNS) === 0) return;
  scanSql(value, lower, 0, out);
  if ((has & HAS.quote) !== 0) scanSql(value, lower, QUOTE, out);
  if ((has & HAS.doubleQuote) !== 0) scanSql(value, lower, DOUBLE, out);
}
