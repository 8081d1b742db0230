import { PhraseTable } from './phrase-table.ts';

const lists: (readonly [phrases: readonly string[], bit: number])[] = [];
let table: PhraseTable | null = null;
let lastText = '';
let last = 0;

/**
 * Adds a list of phrases to those that are looked for together, in one walk over a value for all detectors.
 * @returns the bit of the list in what `phrasesIn` tells
 */
export function sharedPhrases(phrases: readonly string[]): number {
  if (lists.length === 31) throw new RangeError('There are bits for 31 lists of phrases.');
  const bit = 1 << lists.length;
  lists.push([phrases, bit]);
  table = null;
  lastText = '';
  last = 0;
  return bit;
}

/** Bits of all shared lists of which a phrase stands in a text of small letters; what was told last is remembered. */
export function phrasesIn(lower: string): number {
  if (lower === lastText) return last;
  table ??= new PhraseTable(lists);
  lastText = lower;
  last = table.find(lower);
  return last;
}
