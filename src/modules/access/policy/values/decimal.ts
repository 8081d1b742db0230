/** An exact decimal number: `coefficient / 10^scale`. */
export interface Decimal {
  readonly coefficient: bigint;
  /** 0 to 2,000. */
  readonly scale: number;
}

/** A value of PostgreSQL's `numeric`: whole numbers that a double holds exactly, NaN and the infinities as numbers. */
export type Numeric = number | Decimal;

/** Longer texts and larger exponents are not read: comparing them would cost more than any column is worth. */
const MAX_LENGTH = 1_000;
const MAX_EXPONENT = 1_000;
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  infinity: Infinity,
  '-infinity': -Infinity,
};

/**
 * Reads a number, a bigint, or a decimal text as drivers give `numeric`.
 * @returns undefined for anything else, and for what is too long
 */
export function readNumeric(value: unknown): Numeric | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    return Number.isFinite(value) ? readDecimal(String(value)) : undefined;
  }
  if (typeof value === 'bigint') return readDecimal(String(value));
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  return SPECIAL[value.toLowerCase()] ?? readDecimal(value);
}

function readDecimal(text: string): Numeric | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', part = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if ((whole === '' && part === '') || Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const digits = BigInt(whole + part);
  const shift = part.length - exponent;
  const unsigned = shift < 0 ? digits * 10n ** BigInt(-shift) : digits;
  const coefficient = sign === '-' ? -unsigned : unsigned;
  const scale = Math.max(0, shift);
  if (scale === 0 && coefficient >= -9007199254740991n && coefficient <= 9007199254740991n)
    return Number(coefficient);
  return { coefficient, scale };
}

/** Orders as PostgreSQL does: -Infinity, numbers, Infinity, NaN (which equals itself). @returns below, 0 or above 0 */
export function compareNumeric(a: Numeric, b: Numeric): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (a === b) return 0;
    if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
    return Number.isNaN(b) || a < b ? -1 : 1;
  }
  if (typeof a === 'number' && !Number.isFinite(a)) return a === -Infinity ? -1 : 1;
  if (typeof b === 'number' && !Number.isFinite(b)) return b === -Infinity ? 1 : -1;
  const left = decimalOf(a);
  const right = decimalOf(b);
  const scale = Math.max(left.scale, right.scale);
  const difference =
    left.coefficient * 10n ** BigInt(scale - left.scale) -
    right.coefficient * 10n ** BigInt(scale - right.scale);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

function decimalOf(value: Numeric): Decimal {
  return typeof value === 'number' ? { coefficient: BigInt(value), scale: 0 } : value;
}

/** Digits before and after the point in plain writing; undefined for NaN and the infinities. */
export function digitsOf(value: Numeric): { readonly whole: number; readonly part: number } | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  const { coefficient, scale } = decimalOf(value);
  const length = String(coefficient < 0n ? -coefficient : coefficient).length;
  return { whole: Math.max(1, length - scale), part: scale };
}

/** Plain writing, as SQL reads it. */
export function numericText(value: Numeric): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : specialText(value);
  const negative = value.coefficient < 0n;
  const digits = String(negative ? -value.coefficient : value.coefficient).padStart(value.scale + 1, '0');
  const point = digits.length - value.scale;
  const text = value.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${text}` : text;
}

function specialText(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
}
