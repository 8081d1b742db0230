import { compareNumeric, type Numeric, numericText, readNumeric } from './decimal.ts';
import { type Exact, instantText, readDay, readInstant } from './instant.ts';
import { compareText, isSqlText, readUuid } from './text.ts';

/** Types of columns that conditions understand; the same names in PostgreSQL. */
export const COLUMN_TYPES = [
  'text',
  'uuid',
  'boolean',
  'integer',
  'bigint',
  'numeric',
  'date',
  'timestamptz',
  'text[]',
  'integer[]',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** A value in the one form in which values of its type are compared. */
export type Canonical = string | boolean | Exact | Numeric | readonly (string | number)[];

/** What conditions need to know of a type. */
export interface ValueType {
  readonly name: ColumnType;
  /** Whether `lt`, `lte`, `gt` and `gte` mean something. */
  readonly ordered: boolean;
  /** @returns undefined where the value is none of this type; never called with `null` */
  read(value: unknown): Canonical | undefined;
  /** @returns below, 0 or above 0 */
  compare(a: Canonical, b: Canonical): number;
  /** PostgreSQL's text form; undefined where it has none. */
  write(value: Canonical): string | undefined;
}

const INT8_MAX = 9_223_372_036_854_775_807n;
const INT8_MIN = -9_223_372_036_854_775_808n;

function readInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === 'bigint') return readInteger(String(number));
  // `| 0` is the identity on whole numbers of 32 bits, and on nothing else; `+ 0` takes the sign from zero.
  return typeof number === 'number' && (number | 0) === number ? number + 0 : undefined;
}

function readBigint(value: unknown): Exact | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const big = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : value;
  if (typeof big !== 'bigint' || big > INT8_MAX || big < INT8_MIN) return undefined;
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}

function compareExact(a: Canonical, b: Canonical): number {
  return (a as Exact) < (b as Exact) ? -1 : (a as Exact) > (b as Exact) ? 1 : 0;
}

function readList<T>(
  value: unknown,
  read: (item: unknown) => T | undefined,
): readonly NonNullable<T>[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found: NonNullable<T>[] = [];
  for (const item of value) {
    // A NULL within an array equals nothing.
    if (item === null) continue;
    const one = read(item);
    if (one === undefined || one === null) return undefined;
    found.push(one);
  }
  return found;
}

/** Writes an array literal. */
export function arrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;
}

const readText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const writeText = (value: Canonical): string | undefined => (isSqlText(value) ? value : undefined);
const writePlain = (value: Canonical): string => (value as string | boolean | Exact).toString();
const writeList = (value: Canonical): string => arrayText((value as readonly unknown[]).map(String));
const byText = (a: Canonical, b: Canonical): number => compareText(a as string, b as string);

/** -infinity, days, infinity, in the order of their first characters once the sign of the first is `!`. */
const dayKey = (day: Canonical): string => (day === '-infinity' ? '!' : (day as string));

const ALL: readonly ValueType[] = [
  { name: 'text', ordered: true, read: readText, compare: byText, write: writeText },
  { name: 'uuid', ordered: true, read: readUuid, compare: byText, write: writePlain },
  {
    name: 'boolean',
    ordered: false,
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    compare: (a, b) => (a === b ? 0 : a === false ? -1 : 1),
    write: writePlain,
  },
  { name: 'integer', ordered: true, read: readInteger, compare: compareExact, write: writePlain },
  { name: 'bigint', ordered: true, read: readBigint, compare: compareExact, write: writePlain },
  {
    name: 'numeric',
    ordered: true,
    read: readNumeric,
    compare: (a, b) => compareNumeric(a as Numeric, b as Numeric),
    write: (value) => numericText(value as Numeric),
  },
  {
    name: 'date',
    ordered: true,
    read: readDay,
    compare: (a, b) => compareText(dayKey(a), dayKey(b)),
    write: writePlain,
  },
  {
    name: 'timestamptz',
    ordered: true,
    read: readInstant,
    compare: compareExact,
    write: (value) => instantText(value as Exact),
  },
  {
    name: 'text[]',
    ordered: false,
    read: (value) => readList(value, readText),
    compare: () => Number.NaN,
    write: writeList,
  },
  {
    name: 'integer[]',
    ordered: false,
    read: (value) => readList(value, readInteger),
    compare: () => Number.NaN,
    write: writeList,
  },
];
const BY_NAME = new Map(ALL.map((type) => [type.name, type]));

/** @throws TypeError for a name that is none of {@link COLUMN_TYPES} */
export function typeOf(name: ColumnType): ValueType {
  const type = BY_NAME.get(name);
  if (!type) throw new TypeError(`no type '${name}'`);
  return type;
}

/** Type of the items of a list; undefined for a type that is no list. */
export function itemType(name: ColumnType): ColumnType | undefined {
  return name === 'text[]' ? 'text' : name === 'integer[]' ? 'integer' : undefined;
}
