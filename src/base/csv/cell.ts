/** What a cell may hold; dates go as ISO 8601, null and undefined as nothing. */
export type CsvValue = string | number | bigint | boolean | Date | null | undefined;

/** Longest cell that the usual spreadsheet takes whole, in UTF-16 units. */
const MAX_CELL_LENGTH = 32_767;
const CUT = '…';

/** What begins a formula, also in the full-width, small, raised and lowered forms that may be folded into it. */
const SIGNS = '=+\\-@＝＋－＠﹦﹢﹣﹫−⁺₊⁼₌⁻₋﬩⩵⩶';
/** What programs take away before they look: white space, controls, marks without width, quotes. */
const UNSEEN = '[\\s\\p{Z}\\p{C}"\'‘’“”]*';
const FORMULA = new RegExp(`^(?:[\\p{Cc}]|${UNSEEN}[${SIGNS}])`, 'u');
/** Where a program that splits at semicolons, tabs or lines would see a cell begin, with its first sign if it is one. */
const INNER = new RegExp(`[;\\t\\r\\n]${UNSEEN}[${SIGNS}]?`, 'gu');
const SIGN_LAST = new RegExp(`[${SIGNS}]$`, 'u');
/** Needs no quotes, whatever splits it. */
const PLAIN = /^[A-Za-z0-9_.:/@ -]*$/;

/**
 * One cell as RFC 4180 writes it. A text that a spreadsheet could take for a formula begins with an apostrophe, also
 * after each semicolon, tab and line end, where a program with another separator would see a cell begin. Numbers stay
 * numbers, minus included.
 */
export function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  return quoted(harmless(bounded(value)));
}

/** Cells with commas between them and CRLF at the end. */
export function csvRow(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function bounded(text: string): string {
  if (text.length < MAX_CELL_LENGTH) return text;
  return `${text.slice(0, MAX_CELL_LENGTH - 2).toWellFormed()}${CUT}`;
}

function harmless(text: string): string {
  // Each run is taken whole and looked at once: looking ahead from each of its places would take the square of its length.
  const inner = text.replace(INNER, (begun) => begun.replace(SIGN_LAST, "'$&"));
  return FORMULA.test(text) ? `'${inner}` : inner;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}
