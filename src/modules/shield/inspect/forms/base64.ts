/** Shorter texts hold no attack. */
const LEAST = 8;
const MOST = 65_536;
/** Value of each character of either alphabet, 64 for padding, 255 for any other. */
const VALUES = valuesOfAlphabet();

function valuesOfAlphabet(): Uint8Array {
  const values = new Uint8Array(128).fill(255);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;
  values[45] = 62;
  values[95] = 63;
  values[61] = 64;
  return values;
}

/**
 * What a value says when it is Base64 (or its variant for addresses) of printable ASCII; `undefined` for all others. Most
 * values fail at their first bytes.
 */
export function decodeBase64(text: string, from = 0, to = text.length): string | undefined {
  if (!mayBeBase64(text, from, to)) return undefined;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || VALUES[code] === 255) return undefined;
  }
  const decoded = Buffer.from(text.slice(from, to), 'base64').toString('latin1');
  for (let i = 0; i < decoded.length; i++) if (!isPrintable(decoded.charCodeAt(i))) return undefined;
  return decoded;
}

/** Whether the first eight characters decode to printable ASCII. Allocates nothing. */
export function mayBeBase64(text: string, from: number, to: number): boolean {
  const length = to - from;
  if (length < LEAST || length > MOST) return false;
  return printableAt(text, from) && printableAt(text, from + 4);
}

function printableAt(text: string, at: number): boolean {
  return isPrintableGroup(
    text.charCodeAt(at),
    text.charCodeAt(at + 1),
    text.charCodeAt(at + 2),
    text.charCodeAt(at + 3),
  );
}

/** As `mayBeBase64`, of bytes. */
export function bytesMayBeBase64(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < LEAST || length > MOST) return false;
  return printableBytesAt(bytes, from) && printableBytesAt(bytes, from + 4);
}

function printableBytesAt(bytes: Uint8Array, at: number): boolean {
  return isPrintableGroup(
    bytes[at] as number,
    bytes[at + 1] as number,
    bytes[at + 2] as number,
    bytes[at + 3] as number,
  );
}

/** Whether four characters decode to printable ASCII. */
function isPrintableGroup(first: number, second: number, third: number, fourth: number): boolean {
  const a = valueOf(first);
  const b = valueOf(second);
  if (a > 63 || b > 63 || !isPrintable((a << 2) | (b >> 4))) return false;
  const c = valueOf(third);
  const d = valueOf(fourth);
  if (c > 64 || d > 64) return false;
  if (c === 64) return d === 64;
  if (!isPrintable(((b & 15) << 4) | (c >> 2))) return false;
  return d === 64 || isPrintable(((c & 3) << 6) | d);
}

function valueOf(code: number): number {
  return code < 128 ? (VALUES[code] as number) : 255;
}

function isPrintable(code: number): boolean {
  // NUL is what some filters stop at.
  return code === 0 || (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13;
}
