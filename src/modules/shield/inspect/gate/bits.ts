/** What the gate saw in a value, as bits: some are enough alone, others only together. */
export const Bit = {
  /** Enough alone: no honest name, number, sentence or identifier needs it. */
  strong: 1,
  quote: 2,
  /** `=`, `>` and the like: a comparison. */
  equals: 4,
  /** `&`, `|` and `;` between words. */
  ampersand: 8,
  /** A word that attacks are made of and prose is not, such as `onerror`. */
  keyword: 16,
  /** A word of SQL or of a shell that prose has too, such as `select`; two of them are enough. */
  word: 32,
  secondWord: 64,
  /** `or`, `and`, `like` after a quote, a digit or a bracket: only beside a quote or a comparison. */
  joint: 128,
  /** `#`, `*`, `+`, brackets beside a quote. */
  sign: 256,
} as const;

/** How the gate treats a character: letters and digits need no look, blanks may stand before a keyword. */
export const Kind = { plain: 0, blank: 1, special: 2 } as const;

/** Kind of each ASCII character. */
export const KINDS: Uint8Array = kindsOfAscii();

function kindsOfAscii(): Uint8Array {
  const kinds = new Uint8Array(128).fill(Kind.special);
  for (let code = 0; code < 128; code++) if (isLetterOrDigit(code) || code === 95) kinds[code] = Kind.plain;
  for (const char of ' \t\n\r:,!~]}@') kinds[char.charCodeAt(0)] = Kind.blank;
  return kinds;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Whether bits are enough for the detectors to be asked. */
export function passes(mask: number): boolean {
  if (mask === 0) return false;
  if ((mask & (Bit.strong | Bit.keyword | Bit.secondWord | Bit.sign)) !== 0) return true;
  const word = mask & Bit.word;
  const joint = mask & Bit.joint;
  if ((mask & Bit.quote) !== 0 && (word | joint | (mask & (Bit.equals | Bit.ampersand))) !== 0) return true;
  if ((mask & Bit.equals) !== 0 && (word | joint) !== 0) return true;
  return (mask & Bit.ampersand) !== 0 && word !== 0;
}

/** Whether a code is a letter or a digit of ASCII, or `_`. */
export function isWordCode(code: number): boolean {
  return code < 128 && KINDS[code] === Kind.plain;
}

/** Whether a code is a letter, of whatever script. */
export function isLetterCode(code: number): boolean {
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || code >= 0xc0;
}

/** Whether a code is a quote of any kind. */
export function isQuoteCode(code: number): boolean {
  return code === 39 || code === 34 || code === 96;
}

/** Whether a code is a digit of hexadecimal writing. */
export function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 102);
}
