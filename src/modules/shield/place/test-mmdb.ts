import { Buffer } from 'node:buffer';
import { parseCidr } from '../../../core/address.ts';

/** A value of an .mmdb file, as far as tests need them. */
export type MmdbValue = string | number | readonly MmdbValue[] | { readonly [key: string]: MmdbValue };

/** Writes an .mmdb file (format 2.0, records of 24 bits, IPv6 tree) that holds a value for each range. */
export function writeMmdb(
  entries: Readonly<Record<string, MmdbValue>>,
  builtAtMs = 1_700_000_000_000,
): Buffer {
  const nodes: [number | Buffer | null, number | Buffer | null][] = [[null, null]];
  for (const [range, value] of Object.entries(entries)) insert(nodes, bitsOf(range), encode(value));
  const data: Buffer[] = [];
  let offset = 0;
  const place = (record: number | Buffer | null): number => {
    if (record === null) return nodes.length;
    if (typeof record === 'number') return record;
    data.push(record);
    offset += record.length;
    return nodes.length + 16 + offset - record.length;
  };
  const tree = Buffer.concat(
    nodes.map(([left, right]) => {
      const node = Buffer.alloc(6);
      node.writeUIntBE(place(left), 0, 3);
      node.writeUIntBE(place(right), 3, 3);
      return node;
    }),
  );
  const metadata = encode({
    node_count: nodes.length,
    record_size: 24,
    ip_version: 6,
    database_type: 'Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Math.floor(builtAtMs / 1_000),
    description: { en: 'Test' },
  });
  const marker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]);
}

function bitsOf(text: string): number[] {
  const { network, bits } = parseCidr(text) as NonNullable<ReturnType<typeof parseCidr>>;
  const lead = network.version === 4 ? Array.from({ length: 96 }, () => 0) : [];
  const own = Array.from(
    { length: bits },
    (_, i) => ((network.bytes[i >> 3] as number) >> (7 - (i & 7))) & 1,
  );
  return [...lead, ...own];
}

function insert(
  nodes: [number | Buffer | null, number | Buffer | null][],
  bits: number[],
  value: Buffer,
): void {
  let at = 0;
  bits.forEach((bit, i) => {
    const node = nodes[at] as [number | Buffer | null, number | Buffer | null];
    if (i === bits.length - 1) node[bit as 0 | 1] = value;
    else {
      if (typeof node[bit as 0 | 1] !== 'number') node[bit as 0 | 1] = nodes.push([null, null]) - 1;
      at = node[bit as 0 | 1] as number;
    }
  });
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([head(2, text.length), text]);
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([head(3, 8), bytes]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([head(6, 4), bytes]);
  }
  if (Array.isArray(value))
    return Buffer.concat([head(11, value.length), ...value.map((one: MmdbValue) => encode(one))]);
  const pairs = Object.entries(value as Readonly<Record<string, MmdbValue>>);
  return Buffer.concat([head(7, pairs.length), ...pairs.flatMap(([key, one]) => [encode(key), encode(one)])]);
}

/** Control byte; types above 7 follow in a byte of their own, as does what a length has beyond 28. At most 284. */
function head(type: number, length: number): Buffer {
  const size = Math.min(length, 29);
  const first = type <= 7 ? [(type << 5) | size] : [size, type - 7];
  return Buffer.from(length < 29 ? first : [...first, length - 29]);
}
