const QUOTE = 34;
const BACKSLASH = 92;
const EQUALS = 61;
const SEMICOLON = 59;
const NAME = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** A token, and what senders write unquoted into boundaries although RFC 2045 asks for quotes. */
const VALUE = /[!#$%&'*+.^_`|~0-9A-Za-z()/:=?@[\]-]+/y;
const MAX_PARAMETERS = 16;

/**
 * Reads the parameters of a header, from its first semicolon on: `form-data; name="a"`, names in lower case. A quote may be
 * escaped by a backslash. Strict, since the application has a reader of its own, and both must see the same.
 * @returns undefined for what could be read in two ways: a repeated name, a name without a value, text beside a value
 */
export function readParameters(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  let at = text.indexOf(';');
  while (at >= 0 && at < text.length) {
    if (text.charCodeAt(at) !== SEMICOLON) return undefined;
    at = skipBlanks(text, at + 1);
    if (at === text.length) return found;
    const name = matchAt(NAME, text, at).toLowerCase();
    at = skipBlanks(text, at + name.length);
    if (name === '' || text.charCodeAt(at) !== EQUALS || found.has(name) || found.size === MAX_PARAMETERS)
      return undefined;
    const from = skipBlanks(text, at + 1);
    const to = endOfValue(text, from);
    if (to < 0) return undefined;
    found.set(name, valueOf(text.slice(from, to)));
    at = skipBlanks(text, to);
  }
  return found;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
  return at;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** @returns where the value ends; -1 for none, or an open quote */
function endOfValue(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) {
    const { length } = matchAt(VALUE, text, from);
    return length === 0 ? -1 : from + length;
  }
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i + 1;
    if (code === BACKSLASH && isEscaped(text.charCodeAt(i + 1))) i++;
  }
  return -1;
}

/** Other backslashes are meant: some browsers sent whole Windows paths. */
function isEscaped(code: number): boolean {
  return code === QUOTE || code === BACKSLASH;
}

function valueOf(raw: string): string {
  return raw.charCodeAt(0) === QUOTE ? raw.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : raw;
}
