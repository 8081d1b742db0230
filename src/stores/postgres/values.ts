import type { SqlValue } from '../../ports/sql.ts';

/** Reads the text form of one value as PostgreSQL sends it. */
export type ValueReader = (text: string) => unknown;

/**
 * Writes a parameter in PostgreSQL's text form, the same for both drivers: dates in UTC, bytes in hex, arrays as array
 * literals, other objects as JSON. A list that is meant as JSON must be handed over as text (`JSON.stringify`), because
 * nothing tells it from an array.
 */
export function valueText(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return hexOf(value);
  return Array.isArray(value) ? arrayText(value) : JSON.stringify(value);
}

function hexOf(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

function arrayText(items: readonly unknown[]): string {
  let out = '{';
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as SqlValue | undefined;
    if (i > 0) out += ',';
    if (Array.isArray(item)) out += arrayText(item);
    else {
      const text = valueText(item);
      out += text === null ? 'NULL' : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    }
  }
  return `${out}}`;
}

/**
 * Reads an array literal such as `{1,NULL,"a \"b\""}`, nested or not. One pass.
 * @param read what to make of each item
 */
export function readArray(text: string, read: ValueReader): unknown[] {
  // Bounds other than 1 are written in front: `[0:1]={…}`.
  const start = text.indexOf('{');
  const root: unknown[] = [];
  const open: unknown[][] = [root];
  let i = start + 1;
  while (i < text.length) {
    const list = open.at(-1) as unknown[];
    const char = text[i];
    if (char === '{') {
      const inner: unknown[] = [];
      list.push(inner);
      open.push(inner);
      i++;
    } else if (char === '}') {
      open.pop();
      if (open.length === 0) break;
      i++;
    } else if (char === ',') i++;
    else if (char === '"') {
      const [item, next] = readQuoted(text, i + 1);
      list.push(read(item));
      i = next;
    } else {
      const end = plainEnd(text, i);
      const item = text.slice(i, end);
      list.push(item === 'NULL' ? null : read(item));
      i = end;
    }
  }
  return root;
}

function readQuoted(text: string, from: number): readonly [string, number] {
  let out = '';
  let i = from;
  while (i < text.length && text[i] !== '"') {
    if (text[i] === '\\') i++;
    out += text[i++];
  }
  return [out, i + 1];
}

function plainEnd(text: string, from: number): number {
  let i = from;
  while (i < text.length && text[i] !== ',' && text[i] !== '}') i++;
  return i;
}

const same: ValueReader = (text) => text;
const whole: ValueReader = (text) => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
};
const bytes: ValueReader = (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'));
const json: ValueReader = (text) => JSON.parse(text) as unknown;

/** Timestamps with and without zone: sessions run in UTC, so that both mean the same instant on every machine. */
function instant(text: string): unknown {
  if (text === 'infinity') return Infinity;
  if (text === '-infinity') return -Infinity;
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(?:([+-]\d{2})(:\d{2})?)?$/.exec(text);
  if (!match) return new Date(Number.NaN);
  const zone = match[3] === undefined ? 'Z' : `${match[3]}${match[4] ?? ':00'}`;
  return new Date(`${match[1]}T${match[2]}${zone}`);
}

/** By type: its object id, the id of its array type, the reader. From pg_type.dat, where ids are fixed for ever. */
const TYPES: readonly (readonly [scalar: number, array: number, read: ValueReader])[] = [
  [16, 1000, (text) => text === 't'], // boolean
  [17, 1001, bytes], // bytea
  [18, 1002, same], // "char"
  [19, 1003, same], // name
  [20, 1016, whole], // int8
  [21, 1005, Number], // int2
  [23, 1007, Number], // int4
  [25, 1009, same], // text
  [26, 1028, Number], // oid
  [114, 199, json], // json
  [650, 651, same], // cidr
  [700, 1021, Number], // float4
  [701, 1022, Number], // float8
  [869, 1041, same], // inet
  [1042, 1014, same], // char(n)
  [1043, 1015, same], // varchar
  [1082, 1182, same], // date: a day is no instant, it stays 'YYYY-MM-DD'
  [1114, 1115, instant], // timestamp
  [1184, 1185, instant], // timestamptz
  [1186, 1187, same], // interval
  [1700, 1231, same], // numeric: exact, so it stays text
  [2950, 2951, same], // uuid
  [3802, 3807, json], // jsonb
];

const READERS: ReadonlyMap<number, ValueReader> = new Map(
  TYPES.flatMap(([scalar, array, read]): [number, ValueReader][] => [
    [scalar, read],
    [array, (text) => readArray(text, read)],
  ]),
);

/** The reader of a type by its object id; types that are not listed stay text. */
export function readerOf(typeId: number): ValueReader {
  return READERS.get(typeId) ?? same;
}

/**
 * Quotes a channel's name for LISTEN.
 * @throws TypeError unless it has 1 to 63 letters, digits, `_`, `.`, `:` or `-`
 */
export function channelName(channel: string): string {
  if (!/^[A-Za-z0-9_.:-]{1,63}$/.test(channel))
    throw new TypeError('a channel has 1 to 63 letters, digits, _ . : or -');
  return `"${channel}"`;
}
