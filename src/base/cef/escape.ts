/** What one reader or another takes for the end of a line. */
const LINE_END = /\r\n|[\r\n\v\f\x85\u2028\u2029]/g;
/** What else has no place in a line: NUL and its kin, and marks that turn the direction of what is shown. */
const UNSEEN = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const MAX_HEADER = 512;

/** A field of the header: `\` and `|` are escaped; a line end, for which the header has no way to be written, is a space. */
export function cefHeader(text: string): string {
  return cut(text, MAX_HEADER).replace(LINE_END, ' ').replace(UNSEEN, ' ').replace(/[\\|]/g, '\\$&').trim();
}

/**
 * A value of the extension: `\`, `=` and line ends are escaped, other control characters are spaces.
 * @param max characters that are kept of it
 */
export function cefValue(text: string, max: number): string {
  return cut(text, max)
    .trim()
    .replace(/[\\=]/g, '\\$&')
    .replace(LINE_END, String.raw`\n`)
    .replace(UNSEEN, ' ')
    .trim();
}

/** Never through a character. */
function cut(text: string, max: number): string {
  return (text.length > max ? text.slice(0, max) : text).toWellFormed();
}
