import { isLetter, isSpace } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { isSystemFolder, secretFileAt } from './files.ts';
import { TRAVERSAL_RULES as R } from './rules.ts';

const SLASHES = HAS.slash | HAS.backslash;
/** Up to this many plain words a value may be a path; with more it is a text about one. */
const TERSE = 2;
/** Names of files are shorter; what is longer is a text, or padded, and padding ends no path. */
const MAX_NAME = 2000;
const WRAPPERS =
  `file php phar zip data glob expect ogg rar ssh2 compress.zlib compress.bzip2 jar netdoc local_file classpath
  resource`.split(/\s+/);

/** File names that leave their folder, or name files that nobody offered. */
export function detectTraversal(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.nul) !== 0 && value.length < 4096) out.add(R['nul-byte']);
  if ((has & (SLASHES | HAS.dot)) === 0) return;
  const terse = words <= TERSE && value.length < MAX_NAME && (has & HAS.newline) === 0;
  if ((has & HAS.dot) !== 0) climbs(lower, where, terse, out);
  const path = (has & HAS.backslash) === 0 ? lower : lower.replaceAll('\\', '/');
  if (mayNameFile(lower, has)) files(path, where, terse, out);
  if ((has & HAS.colon) !== 0) wrappers(lower, terse, out);
  if ((has & HAS.backslash) !== 0 && terse) shares(lower, out);
}

/** All names of files have a slash, an underscore, or a dot before a letter; the dots of sentences stand before blanks. */
function mayNameFile(lower: string, has: number): boolean {
  if ((has & (SLASHES | HAS.underscore)) !== 0) return true;
  for (let at = lower.indexOf('.'); at >= 0; at = lower.indexOf('.', at + 1))
    if (isLetter(lower.charCodeAt(at + 1))) return true;
  return false;
}

/** Counts steps to the folder above: `../`, `..\`, `/..` at the end, and forms that only a filter would pass. */
function climbs(lower: string, where: Where, terse: boolean, out: Signals): void {
  let steps = 0;
  let linked = false;
  for (let at = lower.indexOf('..'); at >= 0; at = lower.indexOf('..', at + 2)) {
    const before = at === 0 ? 47 : lower.charCodeAt(at - 1);
    const after = at + 2 >= lower.length ? 47 : lower.charCodeAt(at + 2);
    if (isHidden(lower, at)) return out.add(R['climb-hidden']);
    if (!isSlash(after) || !(isSlash(before) || isStart(before))) continue;
    if (at === 0 && at + 2 >= lower.length) continue;
    if (steps === 0) linked = lower.startsWith('](', at - 2);
    steps++;
  }
  // Pages of Markdown link to their neighbours; what they must not reach is known by its name.
  if (steps > 0) climbed(steps, lower.includes(' '), linked || lower.startsWith('http'), where, terse, out);
}

function climbed(
  steps: number,
  spaced: boolean,
  isUrl: boolean,
  where: Where,
  terse: boolean,
  out: Signals,
): void {
  if (where.place === 'path' || where.place === 'filename') return out.add(R['climb-path']);
  if (!terse || isUrl) return out.add(R['climb-mention']);
  out.add(steps > 1 ? R['climb-many'] : spaced ? R['climb-mention'] : R['climb-one']);
}

function isSlash(code: number): boolean {
  return code === 47 || code === 92;
}

function isStart(code: number): boolean {
  return (
    isSpace(code) ||
    code === 61 ||
    code === 34 ||
    code === 39 ||
    code === 58 ||
    code === 40 ||
    code === 59 ||
    code === 44
  );
}

/** `....//`, `.../...//`, `..;/`, `..%2f`, `..%5c`, `..0x2f`, `..%c0%af`, `..%u2215`. */
function isHidden(lower: string, at: number): boolean {
  if (lower.startsWith('..;/', at) || lower.startsWith('..0x2f', at) || lower.startsWith('..0x5c', at))
    return true;
  if (lower.startsWith('....//', at) || lower.startsWith('....\\\\', at) || lower.startsWith('.../.../', at))
    return true;
  if (lower.startsWith('..%', at))
    return /^(?:25)?(?:2f|5c|c0%|c1%|u221|u2f|u5c|e0%|32%|35%)/.test(lower.slice(at + 3, at + 12));
  return (
    lower.startsWith('..\u2215', at) ||
    lower.startsWith('..\u2216', at) ||
    lower.startsWith('..\u00c0\u00af', at)
  );
}

function files(path: string, where: Where, terse: boolean, out: Signals): void {
  if (where.place === 'path' || where.place === 'name') return probe(path, where, out);
  const at = secretFileAt(path);
  if (at < 0) return systemFolder(path, terse, out);
  const rooted = at > 0 || path.length > 12 || path.startsWith('.');
  out.add(terse && rooted ? R['secret-file'] : R['secret-file-mention']);
}

/** In a path a file of the system is asked for only behind other folders or steps; probes of files are the scanner's. */
function probe(path: string, where: Where, out: Signals): void {
  if (where.place !== 'path') return;
  const at = secretFileAt(path);
  if (at >= 0 && path.charCodeAt(at) !== 46) out.add(R['secret-file']);
}

function systemFolder(path: string, terse: boolean, out: Signals): void {
  if (terse && isSystemFolder(path)) out.add(R['system-folder']);
}

function wrappers(lower: string, terse: boolean, out: Signals): void {
  for (let at = lower.indexOf('://'); at >= 0; at = lower.indexOf('://', at + 3)) {
    let start = at;
    while (start > 0 && at - start < 16 && isSchemeCharacter(lower.charCodeAt(start - 1))) start--;
    if (at > start && WRAPPERS.includes(lower.slice(start, at)) && (terse || start === 0))
      return out.add(R.wrapper);
  }
  if (
    terse &&
    (lower.startsWith('file:/') ||
      lower.startsWith('jar:http') ||
      lower.startsWith('jar:file') ||
      lower.startsWith('netdoc:'))
  )
    out.add(R.wrapper);
}

function isSchemeCharacter(code: number): boolean {
  return (isLetter(code) && code < 128) || (code >= 48 && code <= 57) || code === 46 || code === 95;
}

/** `\\host\share\file`, `\\?\c:\`, `\\.\pipe`. */
function shares(lower: string, out: Signals): void {
  if (!lower.startsWith('\\\\') || lower.length < 6) return;
  if (lower.startsWith('\\\\?\\') || lower.startsWith('\\\\.\\')) return out.add(R['device-path']);
  if (lower.indexOf('\\', 3) > 0) out.add(R['network-share']);
}
