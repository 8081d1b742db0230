import { refusedAs } from '../errors.ts';

/** A header's value with its parameters: `form-data; name="a"`. Parameter names in lower case. */
export interface HeaderValue {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]/;
const MAX_PARAMETERS = 10;

/**
 * Reads a header's value with its parameters (RFC 9110 5.6, RFC 7578 4.2). Browsers write quotes in names as `%22`; other
 * senders escape them by a backslash: both are left as they are, since no name is used as one.
 * @throws UploadRefused for anything else: two readers must not see different names
 */
export function readHeaderValue(text: string): HeaderValue {
  const end = text.indexOf(';');
  const value = (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  let at = end < 0 ? text.length : end;
  while (at < text.length) {
    if (text[at] !== ';') throw malformed();
    at = skipBlanks(text, at + 1);
    if (at === text.length) break;
    const start = at;
    while (at < text.length && TOKEN.test(text[at] as string)) at++;
    const name = text.slice(start, at).toLowerCase();
    at = skipBlanks(text, at);
    if (name === '' || text[at] !== '=') throw malformed();
    const [found, next] = readValue(text, skipBlanks(text, at + 1));
    if (parameters.has(name) || parameters.size >= MAX_PARAMETERS) throw malformed();
    parameters.set(name, found);
    at = skipBlanks(text, next);
  }
  return { value, parameters };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

/** @returns the value and where it ends */
function readValue(text: string, from: number): readonly [string, number] {
  let at = from;
  if (text[at] !== '"') {
    while (at < text.length && TOKEN.test(text[at] as string)) at++;
    if (at === from) throw malformed();
    return [text.slice(from, at), at];
  }
  let value = '';
  for (at++; text[at] !== '"'; at++) {
    if (at >= text.length) throw malformed();
    if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
    value += text[at];
  }
  return [value, at + 1];
}

function malformed(): Error {
  return refusedAs('malformed', 'header', 'A header of a part cannot be read.');
}

/** `filename*=UTF-8''na%C3%AFve.txt` (RFC 8187). @throws UploadRefused for other charsets and broken escapes */
export function readExtended(text: string): string {
  const match = /^utf-8'[a-z0-9-]{0,20}'((?:%[0-9a-f]{2}|[!#$&+.^_`|~0-9a-z-])*)$/i.exec(text);
  if (!match) throw refusedAs('malformed', 'filename_star', 'filename* is no UTF-8 value of RFC 8187.');
  try {
    return decodeURIComponent(match[1] as string);
  } catch {
    throw refusedAs('malformed', 'filename_star', 'filename* holds bytes that are no UTF-8.');
  }
}

/** Decodes bytes that must be UTF-8. @throws UploadRefused */
export function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refusedAs('malformed', 'encoding', `${what} is no UTF-8.`);
  }
}
