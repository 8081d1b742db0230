import { Codes, hexPair, hexRun, isEncoding } from './utf16.ts';

const PERCENT = 37;

/**
 * Takes percent-encoding away once. Lenient, as attackers count on some decoder behind being: what is no encoding stays,
 * `%u0027` counts, and over-long UTF-8 (`%c0%af`) is what it stands for.
 * @param plus whether a plus is a blank, as in forms
 */
export function decodePercent(text: string, plus: boolean): string {
  const spaced = plus && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    // What is right is decoded by the engine itself, at a fraction of the price.
    return decodeURIComponent(spaced);
  } catch {
    return decodeLeniently(spaced);
  }
}

function decodeLeniently(text: string): string {
  const out = new Codes(text.length);
  for (let i = 0; i < text.length;) {
    const code = text.charCodeAt(i);
    if (code !== PERCENT) {
      out.push(code);
      i++;
    } else i += decodeOne(text, i, out);
  }
  return out.text();
}

/** Decodes what stands at a percent sign. @returns characters that were taken */
function decodeOne(text: string, at: number, out: Codes): number {
  const first = hexPair(text, at + 1);
  if (first < 0) {
    const wide = (text.charCodeAt(at + 1) | 32) === 117 ? hexRun(text, at + 2, 4) : -1;
    out.push(wide < 0 ? PERCENT : wide);
    return wide < 0 ? 1 : 6;
  }
  if (first < 0x80) {
    out.push(first);
    return 3;
  }
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  const point = more === 0 ? -1 : pointOf(text, at + 3, first & (0x3f >> more), more);
  // A byte that is no UTF-8 counts as Latin-1, which is how it would be shown.
  if (point < 0) out.push(first);
  else out.pushPoint(point);
  return point < 0 ? 3 : 3 * (more + 1);
}

/** Reads the encoded bytes that follow the first one of a character; -1 where they are no such bytes. */
function pointOf(text: string, at: number, start: number, more: number): number {
  let point = start;
  for (let i = 0; i < more; i++) {
    if (text.charCodeAt(at + 3 * i) !== PERCENT) return -1;
    const byte = hexPair(text, at + 3 * i + 1);
    if (byte < 0x80 || byte > 0xbf) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  return point;
}

/** Whether there is percent-encoding to take away. */
export function hasPercent(text: string): boolean {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1))
    if (isEncoding(text, at)) return true;
  return false;
}
