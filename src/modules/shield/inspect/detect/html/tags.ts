import { isLetter, isName, isSpace, skipSpace, skipSpaceBack } from '../chars.ts';
import type { Signals } from '../../types.ts';
import { XSS_RULES as R } from './rules.ts';
import { EVENTS, TAG, TAGS } from './words.ts';

/** Attributes are looked for this far behind the name of a tag. */
const MAX_TAG = 600;

/** Elements at each `<`. */
export function scanTags(lower: string, out: Signals): void {
  const first = lower.indexOf('<');
  let at = first;
  let opened = false;
  closedBefore(lower, at, out);
  for (; at >= 0; at = lower.indexOf('<', at + 1)) {
    let from = at + 1;
    const closing = lower.charCodeAt(from) === 47;
    if (closing) from++;
    if (!isLetter(lower.charCodeAt(from))) continue;
    const end = tagNameEnd(lower, from);
    const colon = lower.slice(from, end).indexOf(':');
    const start = from + colon + 1;
    const tag = TAGS.get(lower, start, end);
    if (tag === 0) continue;
    opened ||= tag === TAG.script && !closing;
    if (closing) closedAt(tag, opened, at > first, out);
    else tagAt(lower, tag, end, out);
  }
}

function tagNameEnd(text: string, from: number): number {
  let i = from;
  const last = Math.min(text.length, from + 40);
  while (i < last && (isName(text.charCodeAt(i)) || text.charCodeAt(i) === 45 || text.charCodeAt(i) === 58))
    i++;
  return i;
}

/** `">` or `'>` before the first tag: what stood around the value is closed. */
function closedBefore(lower: string, first: number, out: Signals): void {
  if (first < 1) return;
  const gt = lower.lastIndexOf('>', first);
  if (gt < 1) return;
  if (
    !isLetter(lower.charCodeAt(first + 1)) &&
    lower.charCodeAt(first + 1) !== 47 &&
    lower.charCodeAt(first + 1) !== 33
  )
    return;
  const quote = lower.charCodeAt(skipSpaceBack(lower, gt - 1));
  if (quote === 34 || quote === 39 || quote === 96) out.add(R['attribute-closed']);
}

/** A closing tag: only what the value never opened matters. */
function closedAt(tag: number, opened: boolean, later: boolean, out: Signals): void {
  if (tag === TAG.script && !opened) out.add(R['script-end']);
  if (tag === TAG.rawText && !later) out.add(R['raw-text-closed']);
}

function tagAt(lower: string, tag: number, end: number, out: Signals): void {
  const next = lower.charCodeAt(end);
  const whole = end >= lower.length || isSpace(next) || next === 47 || next === 62 || next === 60;
  if (!whole) return;
  if (tag === TAG.script) return out.add(R['script-tag']);
  openedAt(tag, attributesOf(lower, end), out);
}

/** The text of a tag behind its name, or its first part. */
function attributesOf(lower: string, end: number): string {
  const last = Math.min(lower.length, end + MAX_TAG);
  const close = lower.slice(end, last).indexOf('>');
  return close < 0 ? lower.slice(end, last) : lower.slice(end, end + close);
}

function openedAt(tag: number, attributes: string, out: Signals): void {
  switch (tag) {
    case TAG.frame:
      return out.add(isFrameDocument(attributes) ? R['frame-document'] : R['frame-tag']);
    case TAG.plugin:
      return hasAny(attributes, 'data', 'src', 'href', 'code', 'prompt', 'action')
        ? out.add(R['plugin-tag'])
        : undefined;
    case TAG.meta:
      return hasAny(attributes, 'http-equiv', 'url=', 'utf-7') ? out.add(R['meta-tag']) : undefined;
    case TAG.style:
      return out.add(
        hasAny(attributes, 'stylesheet', 'import', 'prefetch', 'javascript')
          ? R['style-load']
          : R['style-tag'],
      );
    case TAG.svg:
      return out.add(R['svg-tag']);
    case TAG.form:
      return hasAny(attributes, 'action', 'id=') ? out.add(R['form-tag']) : undefined;
    default:
  }
}

function hasAny(text: string, ...parts: readonly string[]): boolean {
  return parts.some((part) => text.includes(part));
}

function isFrameDocument(attributes: string): boolean {
  if (attributes.includes('srcdoc')) return true;
  const source = attributes.indexOf('src');
  if (source < 0) return false;
  const value = attributes.slice(source + 3).trimStart();
  return !/^=["'\s]{0,3}(?:https?:)?\/\//.test(value) && !/^=["'\s]{0,3}(?:about:blank|\/[a-z])/.test(value);
}

/** Attributes that run code: `onerror=`, wherever they stand. */
export function scanEvents(value: string, lower: string, out: Signals): void {
  let opened = -1;
  let looked = 0;
  for (let at = lower.indexOf('on'); at >= 0; at = lower.indexOf('on', at + 2)) {
    const name = at + 2;
    if (!isBoundary(lower, at - 1)) continue;
    const end = letterEnd(lower, name);
    if (end - name < 3) continue;
    const equals = skipSpace(lower, end);
    if (lower.charCodeAt(equals) !== 61 || equals - end > 40) continue;
    opened = openTag(lower, looked, at, opened);
    looked = at;
    if (opened >= 0 && isJsx(value, at, equals)) continue;
    if (opened >= 0) return out.add(R['event-attribute']);
    if (EVENTS.get(lower, name, end) !== 0) eventAt(lower, at, equals, out);
  }
}

/** Start of the tag that is open at `to`, or -1: one walk over the whole value. */
function openTag(lower: string, from: number, to: number, before: number): number {
  let opened = before;
  for (let i = from; i < to; i++) {
    const code = lower.charCodeAt(i);
    if (code === 60 && (isLetter(lower.charCodeAt(i + 1)) || lower.charCodeAt(i + 1) === 47)) opened = i;
    else if (code === 62 && opened >= 0 && !insideQuotes(lower, i)) opened = -1;
  }
  return opened;
}

/** A `>` that stands right between quotes (`x=">"`) ends no tag. */
function insideQuotes(lower: string, i: number): boolean {
  const before = lower.charCodeAt(i - 1);
  return (before === 34 || before === 39) && lower.charCodeAt(i + 1) === before;
}

/** `<button onClick={save}>`: code of an application, as people show it to each other. */
function isJsx(value: string, at: number, equals: number): boolean {
  const third = value.charCodeAt(at + 2);
  const fourth = value.charCodeAt(at + 3);
  return (
    value.charCodeAt(equals + 1) === 123 &&
    third >= 65 &&
    third <= 90 &&
    fourth >= 97 &&
    value.charCodeAt(at) === 111
  );
}

function letterEnd(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) >= 97 && text.charCodeAt(i) <= 122) i++;
  return i;
}

function isBoundary(text: string, i: number): boolean {
  if (i < 0) return true;
  const code = text.charCodeAt(i);
  return (
    isSpace(code) || code === 34 || code === 39 || code === 47 || code === 96 || code === 60 || code === 59
  );
}

function eventAt(lower: string, at: number, equals: number, out: Signals): void {
  const before = lower.charCodeAt(skipSpaceBack(lower, at - 1));
  const slash = before === 47 ? lower.charCodeAt(skipSpaceBack(lower, at - 2)) : before;
  const quote = isQuote(before) || isQuote(slash) || quotedBefore(lower, at);
  if (quote) return out.add(R['event-breakout']);
  const value = lower.slice(equals + 1, equals + 80);
  const called = value.includes('(') || value.includes('`') || value.includes('javascript');
  out.add(called ? R['event-call'] : R['event-loose']);
}

/** A quote that stands before other attributes: `" autofocus onfocus=`. */
function quotedBefore(lower: string, at: number): boolean {
  const part = lower.slice(Math.max(0, at - 80), at);
  const first = Math.max(part.lastIndexOf('"'), part.lastIndexOf("'"));
  return first >= 0 && (isSpace(part.charCodeAt(first + 1)) || part.charCodeAt(first + 1) === 47);
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}
