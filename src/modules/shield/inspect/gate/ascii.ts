/** Longer texts are given bytes of their own. */
const MAX_CHARACTERS = 16_384;
/** UTF-8 takes three bytes for a character at most. */
const ROOM = Buffer.alloc(3 * MAX_CHARACTERS);
let isLent = false;

/**
 * A text as bytes, in which each character is at the place that it has in the text; null where the text is not ASCII. To be
 * given back: the next text is written to the same place.
 */
export function borrowBytes(text: string): Uint8Array | null {
  const { length } = text;
  if (isLent || length > MAX_CHARACTERS) {
    const bytes = Buffer.from(text);
    return bytes.length === length ? bytes : null;
  }
  if (ROOM.write(text) !== length) return null;
  isLent = true;
  return ROOM;
}

/** Gives back what was borrowed. */
export function giveBackBytes(bytes: Uint8Array | null): void {
  if (bytes === ROOM) isLent = false;
}
