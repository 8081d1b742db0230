/** A short tag between two letters: `autof<x>ocus`. */
const WITHIN_WORD = /[a-z]<\/?[a-z]{1,3}>[a-z]/i;
const TAG = /<\/?[a-z]{1,3}>/gi;

/** Whether tags stand within words, which what takes tags away would join. */
export function hasTagWithinWord(text: string): boolean {
  return text.includes('<') && WITHIN_WORD.test(text);
}

/** Takes short tags away, as applications do that let no markup through. */
export function withoutTags(text: string): string {
  return text.replaceAll(TAG, '');
}
