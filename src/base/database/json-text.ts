/** Escapes that JSON allows and `jsonb` does not take; an escaped backslash is matched so that it is stepped over. */
const REFUSED_ESCAPES = /\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g;

/**
 * Writes JSON that PostgreSQL's `jsonb` accepts: NUL and lone surrogates, which a hostile path or header can carry,
 * become U+FFFD. Without this one request could keep a whole batch out of the database for ever.
 */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes('\\u')) return text;
  return text.replace(REFUSED_ESCAPES, (found) => (found === '\\\\' ? found : '\\ufffd'));
}

/** The same for a text. */
export function toSqlText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
