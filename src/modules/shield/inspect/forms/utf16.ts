/** Collects UTF-16 codes; at most as many as it was made for. */
export class Codes {
  readonly #codes: Uint16Array;
  length = 0;

  /** @param most codes that will be pushed at most */
  constructor(most: number) {
    this.#codes = new Uint16Array(most);
  }

  /** Adds a code unit. */
  push(code: number): void {
    this.#codes[this.length++] = code;
  }

  /** Adds a code point; what is none becomes U+FFFD. */
  pushPoint(point: number): void {
    if (point < 0x10000) this.push(point);
    else if (point > 0x10ffff) this.push(0xfffd);
    else {
      this.push(0xd800 + ((point - 0x10000) >> 10));
      this.push(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }

  /** What was collected. */
  text(): string {
    const { buffer, byteOffset } = this.#codes;
    return Buffer.from(buffer, byteOffset, this.length * 2).toString('utf16le');
  }
}

/** Value of a digit of hexadecimal writing; -1 for any other character. */
export function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Value of two hexadecimal digits at a place of a text; -1 where they are none. */
export function hexPair(text: string, at: number): number {
  if (at + 1 >= text.length) return -1;
  const high = hexValue(text.charCodeAt(at));
  const low = hexValue(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** Value of `digits` hexadecimal digits at a place of a text; -1 where they are none. */
export function hexRun(text: string, at: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = at + i < text.length ? hexValue(text.charCodeAt(at + i)) : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Whether a percent sign encodes something: `%27`, `%u0027`. */
export function isEncoding(text: string, at: number): boolean {
  if (hexPair(text, at + 1) >= 0) return true;
  return (text.charCodeAt(at + 1) | 32) === 117 && hexRun(text, at + 2, 4) >= 0;
}
