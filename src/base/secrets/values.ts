/** Types that an encrypted column can have. */
export const FIELD_TYPES = ['string', 'number', 'bigint', 'boolean', 'date', 'json', 'bytes'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** What stands in a column of that type. */
export interface FieldValues {
  readonly string: string;
  readonly number: number;
  readonly bigint: bigint;
  readonly boolean: boolean;
  readonly date: Date;
  readonly json: unknown;
  readonly bytes: Uint8Array;
}

/** Turns values into what is sealed, and back. */
export interface ValueCodec<T> {
  /** @throws TypeError when the value is of another type */
  encode(value: T): string | Uint8Array;
  /** @param bytes what `encode` gave: it was proven to be unchanged */
  decode(bytes: Buffer): T;
}

function wrongType(expected: FieldType, value: unknown): TypeError {
  // The value itself is never named: it is what must not be seen.
  return new TypeError(
    `expected a value of type ${expected}, found ${value === null ? 'null' : typeof value}`,
  );
}

function ofType<T extends 'string' | 'number' | 'bigint' | 'boolean'>(
  type: T,
  encode: (value: FieldValues[T]) => string | Uint8Array,
  decode: (bytes: Buffer) => FieldValues[T],
): ValueCodec<FieldValues[T]> {
  return {
    encode(value) {
      if (typeof value !== type) throw wrongType(type, value);
      return encode(value);
    },
    decode,
  };
}

function float64(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

const CODECS: { readonly [T in FieldType]: ValueCodec<FieldValues[T]> } = {
  string: ofType(
    'string',
    (value) => value,
    (bytes) => bytes.toString('utf8'),
  ),
  number: ofType('number', float64, (bytes) => bytes.readDoubleBE()),
  bigint: ofType('bigint', String, (bytes) => BigInt(bytes.toString('latin1'))),
  boolean: ofType(
    'boolean',
    (value) => Uint8Array.of(value ? 1 : 0),
    (bytes) => bytes[0] === 1,
  ),
  date: {
    encode(value) {
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw wrongType('date', value);
      return float64(value.getTime());
    },
    decode: (bytes) => new Date(bytes.readDoubleBE()),
  },
  json: {
    encode(value) {
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) throw wrongType('json', value);
      return text;
    },
    decode: (bytes) => JSON.parse(bytes.toString('utf8')) as unknown,
  },
  bytes: {
    encode(value) {
      if (!(value instanceof Uint8Array)) throw wrongType('bytes', value);
      return value;
    },
    decode: (bytes) => Uint8Array.from(bytes),
  },
};

/** The codec of a type. */
export function codecOf<T extends FieldType>(type: T): ValueCodec<FieldValues[T]> {
  return CODECS[type];
}
