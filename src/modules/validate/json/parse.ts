import { type Bounds, checkValue } from '../bounds.ts';
import { refused } from '../fault.ts';
import { scanJson } from './scan.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BOM = 0xfe_ff;

/**
 * Reads bytes as text.
 * @throws ValidationError where they are no UTF-8, or begin with a byte order mark
 */
export function readUtf8(bytes: Uint8Array, part: string): string {
  let text: string;
  try {
    text = DECODER.decode(bytes);
  } catch {
    throw refused({ field: part, code: 'BAD_ENCODING', message: 'Is not valid UTF-8.' });
  }
  if (text.charCodeAt(0) === BOM)
    throw refused({
      field: part,
      code: 'BYTE_ORDER_MARK',
      message: 'Begins with a byte order mark, which JSON must not.',
    });
  return text;
}

/**
 * Reads JSON strictly and within bounds: doubled keys, keys that could reach a prototype, halves of characters, numbers
 * that would be rounded and byte order marks are refused, in time that grows with the length alone.
 * @param part names what is read, for the error
 * @throws ValidationError, which never quotes the text
 */
export function parseJson(text: string, part: string, bounds: Bounds): unknown {
  const written = scanJson(text, part, bounds);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, so it is not kept.
    throw refused({ field: part, code: 'NOT_JSON', message: 'Is not valid JSON.' });
  }
  // The parser keeps the last of doubled keys. Counting needs no table of them, whose buckets somebody could fill.
  if (checkValue(value, part, bounds) !== written)
    throw refused({ field: part, code: 'DUPLICATE_KEY', message: 'A key stands twice in one object.' });
  return value;
}
