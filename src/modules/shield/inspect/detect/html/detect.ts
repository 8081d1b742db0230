import type { Signals, Where } from '../../types.ts';
import { HAS, textOf } from '../text.ts';
import { XSS_RULES as R } from './rules.ts';
import { scanBreakout, scanScript, scanSigns } from './script.ts';
import { scanStyles } from './styles.ts';
import { scanEvents, scanTags } from './tags.ts';
import { scanUrls } from './urls.ts';

const CODE = HAS.paren | HAS.backtick | HAS.dot | HAS.bracket;
const QUOTES = HAS.quote | HAS.doubleQuote;

/** Scripts on their way into a page: tags, attributes that run code, URLs that are code, code that leaves a text. */
export function detectXss(value: string, _where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.letter) === 0) {
    if ((has & HAS.paren) !== 0 && (has & HAS.bracket) !== 0) scanSigns(lower, out);
    return;
  }
  if ((has & HAS.less) !== 0) scanTags(lower, out);
  if ((has & HAS.equals) !== 0) scanEvents(value, lower, out);
  if ((has & HAS.colon) !== 0) scanUrls(lower, out);
  if ((has & CODE) !== 0) scanScript(lower, words, out);
  if ((has & QUOTES) !== 0 && (has & (HAS.paren | HAS.backtick)) !== 0) scanBreakout(lower, out);
  if ((has & (HAS.paren | HAS.colon | HAS.at)) !== 0) scanStyles(lower, words, out);
  if ((has & HAS.bracket) !== 0 && (has & HAS.paren) !== 0) scanSigns(lower, out);
  if (lower.includes('+adw-') || lower.includes('\u00bcscript')) out.add(R['other-charset']);
  if (lower.includes('onerror=') && lower.includes('throw')) out.add(R['thrown-code']);
}
