import { isDigit, isLetter, isSpace } from '../chars.ts';
import { PROGRAM, programOf } from './words.ts';

/** A command as it was read: filled again for each place, so that nothing is made. */
export interface Command {
  start: number;
  /** Behind the name. */
  end: number;
  /** Of `PROGRAM`, 0 for no known program. */
  kind: number;
  /** Quotes, backslashes, wildcards or empty variables stand inside the name. */
  hidden: boolean;
  /** `${IFS}` and the like stand behind the name. */
  spaced: boolean;
  /** The name is a path of a system: `/bin/cat`. */
  path: boolean;
}

/** Names are read this far. */
const MAX_NAME = 48;
const PATHS = ['/bin/', '/usr/bin/', '/sbin/', '/usr/sbin/', '/usr/local/bin/', '/opt/', 'c:/windows/'];

/** Reads the command that begins at `from`, white space, brackets and assignments in front of it apart. */
export function readCommand(lower: string, from: number, into: Command): void {
  let at = from;
  const last = Math.min(lower.length, from + 24);
  while (at < last && isOpening(lower.charCodeAt(at))) at++;
  readName(lower, at, into);
  if (into.kind === PROGRAM.runs) readRun(lower, into);
}

function isOpening(code: number): boolean {
  return isSpace(code) || code === 40 || code === 123 || code === 33 || code === 64 || code === 44;
}

/** `sudo cat`: what is run decides, if it is known. */
function readRun(lower: string, into: Command): void {
  const first = { ...into };
  let at = into.end;
  while (at < lower.length && at < into.end + 6 && isSpace(lower.charCodeAt(at))) at++;
  if (at === into.end) return;
  readName(lower, at, into);
  if (into.kind === 0 && !into.path) Object.assign(into, first);
  into.start = first.start;
}

function readName(lower: string, from: number, into: Command): void {
  into.start = from;
  into.hidden = false;
  into.spaced = false;
  let name = '';
  let at = from;
  const last = Math.min(lower.length, from + MAX_NAME);
  // A quote that the name begins with is no hiding by itself: 'id'.
  const quoted = isQuote(lower.charCodeAt(at));
  while (at < last) {
    const code = lower.charCodeAt(at);
    const skipped = skippedAt(lower, at);
    if (skipped > 0) {
      if (at > from || code === 92) into.hidden ||= name !== '' && isLetter(lower.charCodeAt(at + skipped));
      at += skipped;
      continue;
    }
    if (!isNameCharacter(code)) break;
    name += lower.charAt(at);
    at++;
  }
  into.end = at;
  into.path = isProgramPath(name, lower, at);
  into.kind = programOf(baseName(name));
  into.hidden &&= name.length > 1;
  into.spaced = lower.startsWith('$ifs', at) || lower.startsWith('${ifs', at);
  if (quoted && into.kind === PROGRAM.word && !into.hidden) into.kind = lower.length < 12 ? into.kind : 0;
}

/** Characters that a shell drops from a name: quotes, backslashes, `$@`, `$*`, `$1`, `${x}`, `^` of Windows. */
function skippedAt(lower: string, at: number): number {
  const code = lower.charCodeAt(at);
  if (isQuote(code) || code === 92 || code === 94) return 1;
  if (code !== 36) return 0;
  const next = lower.charCodeAt(at + 1);
  if (next === 64 || next === 42 || isDigit(next)) return 2;
  if (next === 39 || next === 34) return 1;
  if (next === 123 && !lower.startsWith('${ifs', at)) {
    return lower.slice(at, at + 24).indexOf('}') + 1;
  }
  return 0;
}

function isQuote(code: number): boolean {
  return code === 39 || code === 34;
}

function isNameCharacter(code: number): boolean {
  return (
    (isLetter(code) && code < 128) ||
    isDigit(code) ||
    (code >= 45 && code <= 47) ||
    code === 95 ||
    code === 63 ||
    code === 42 ||
    code === 58 ||
    code === 91 ||
    code === 93
  );
}

function baseName(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? name : name.slice(slash + 1);
}

function isProgramPath(name: string, lower: string, end: number): boolean {
  if (!name.startsWith('/') && !name.startsWith('c:/')) return false;
  const known = PATHS.some((path) => name.startsWith(path));
  return known && lower.charCodeAt(end - 1) !== 47;
}

/** How sure the command is meant to run: 0 not at all, 1 perhaps, 2 by its name and what it is given. */
export function judge(lower: string, found: Command, tight: boolean): number {
  if (found.path) return 2;
  if (found.kind === 0) return 0;
  if (found.spaced) return 2;
  const { end } = found;
  const next = lower.charCodeAt(end);
  if (end >= lower.length) return found.kind === PROGRAM.sure || tight ? 2 : 1;
  if (isEnd(next)) return found.kind === PROGRAM.sure || found.hidden || tight ? 2 : 1;
  if (!isSpace(next) && next !== 43 && next !== 60 && next !== 62) return 0;
  return isGiven(lower, end + 1, found.kind, tight) ? 2 : 1;
}

function isEnd(code: number): boolean {
  return (
    code === 59 ||
    code === 124 ||
    code === 38 ||
    code === 41 ||
    code === 96 ||
    code === 35 ||
    code === 39 ||
    code === 34 ||
    code === 10 ||
    code === 125
  );
}

/** Whether what follows looks like the argument of a program rather than the next word of a sentence. */
export function isGiven(lower: string, from: number, kind: number, tight: boolean): boolean {
  let at = from;
  while (at < lower.length && at < from + 8 && isSpace(lower.charCodeAt(at))) at++;
  if (at >= lower.length) return kind === PROGRAM.sure || tight;
  const code = lower.charCodeAt(at);
  if (
    (isEnd(code) && !isQuote(code)) ||
    code === 47 ||
    code === 60 ||
    code === 62 ||
    code === 36 ||
    code === 126 ||
    code === 92 ||
    code === 37
  )
    return true;
  if (code === 45) return isLetter(lower.charCodeAt(at + 1)) || lower.charCodeAt(at + 1) === 45;
  return isFileLike(lower, at) || (tight && (kind === PROGRAM.sure || isDigit(code)) && isLast(lower, at));
}

/** A word with a dot, slash, colon, equals sign or wildcard inside: a file, host, URL or option. */
function isFileLike(lower: string, from: number): boolean {
  for (let at = from; at < lower.length && at < from + 60; at++) {
    const code = lower.charCodeAt(at);
    if (isSpace(code)) return false;
    const inner = at + 1 < lower.length && !isSpace(lower.charCodeAt(at + 1));
    if (
      inner &&
      (code === 46 || code === 47 || code === 58 || code === 61 || code === 42 || code === 63 || code === 36)
    )
      return true;
  }
  return false;
}

/** At most two more words follow. */
function isLast(lower: string, from: number): boolean {
  let spaces = 0;
  for (let at = from; at < lower.length && at < from + 60; at++) {
    if (isSpace(lower.charCodeAt(at))) spaces++;
    if (isEnd(lower.charCodeAt(at))) return spaces < 3;
  }
  return spaces < 2;
}
