import type { Notice } from '../contract.ts';
import type { Mail } from '../ports.ts';
import { htmlOf } from './html.ts';
import { fill, type Letter, letterOf } from './letter.ts';

/**
 * Writes the mail of a notice in the language of its locale: Arabic for `ar…`, English otherwise. `time` may be
 * milliseconds since the epoch; it is then written out in UTC.
 * @throws RampartError `NOTICE_INCOMPLETE` when its link or code is missing
 */
export function renderNotice(notice: Notice, product: string): Mail {
  const letter = letterOf(notice, product);
  return {
    to: notice.to,
    kind: notice.kind,
    subject: fill(letter.subject, { product: letter.values['product'] as string }, (value) => value),
    text: textOf(letter),
    html: htmlOf(letter),
  };
}

/** In text that runs from right to left, a value keeps its own direction between isolates (UAX #9). */
function textOf(letter: Letter): string {
  const isolate = letter.language.dir === 'rtl';
  const show = (value: string): string => (isolate ? `\u2068${value}\u2069` : value);
  const write = (sentence: string): string => fill(sentence, letter.values, show);
  const parts = [write(letter.hello), ...letter.before.map(write)];
  if (letter.code !== undefined) parts.push(letter.code);
  if (letter.link !== undefined) parts.push(`${letter.link.label}:\n${letter.link.url}`);
  if (letter.facts.length > 0) {
    parts.push(letter.facts.map(({ label, value }) => `${label}: ${show(value)}`).join('\n'));
  }
  parts.push(...letter.after.map(write), write(letter.footer));
  return `${parts.join('\n\n')}\n`;
}
