import { isDigit, isName, isSpace, nameEnd } from './chars.ts';
import { WordTable } from './word-table.ts';

const bits = new Map<string, number>();
let lists = 0;
/** Bits of names that say something only with a sign directly behind them. */
let tight = 0;
let table: WordTable | null = null;
let lastText = '';
let last = 0;

/**
 * Adds names that a detector knows to those that are looked for together: most values hold none of them, and the detector
 * need not walk over its names again.
 * @param isTight names count only with a sign directly behind them: `for(` and `this[` are code, and prose has both words
 * @returns the bits of the list in what `namesIn` tells
 */
export function sharedNames(
  names: Iterable<string>,
  isTight: (name: string) => boolean = () => false,
): number {
  if (lists > 29) throw new RangeError('There are bits for 15 lists of names.');
  const loose = 1 << lists++;
  const close = 1 << lists++;
  tight |= close;
  for (const name of names) bits.set(name, (bits.get(name) ?? 0) | (isTight(name) ? close : loose));
  table = null;
  lastText = '';
  last = 0;
  return loose | close;
}

/**
 * Bits of all shared lists of which a name stands in a text of small letters, with or without the digits that a name begins
 * with; what was told last is remembered.
 */
export function namesIn(lower: string): number {
  if (lower === lastText) return last;
  table ??= new WordTable(bits);
  lastText = lower;
  last = find(table, lower);
  return last;
}

function find(names: WordTable, lower: string): number {
  let found = 0;
  let i = 0;
  while (i < lower.length) {
    const code = lower.charCodeAt(i);
    if (!isName(code)) {
      i++;
      continue;
    }
    const end = nameEnd(lower, i);
    let known = names.get(lower, i, end);
    if (isDigit(code)) {
      while (i < end && isDigit(lower.charCodeAt(i))) i++;
      known |= names.get(lower, i, end);
    }
    if ((known & tight) !== 0 && (end === lower.length || isSpace(lower.charCodeAt(end)))) known &= ~tight;
    found |= known;
    i = end;
  }
  return found;
}
