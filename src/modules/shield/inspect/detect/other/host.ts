/** An address that a host spells, and how. */
export interface NumericHost {
  readonly bytes: readonly number[];
  /** Not as four plain decimal numbers. */
  readonly odd: boolean;
  /** The address of metadata services. */
  readonly metadata: boolean;
}

const MAX_PARTS = 4;

/** Reads a host as systems do: one to four numbers, decimal, octal or hexadecimal; null where it is a name. */
export function numericHost(host: string): NumericHost | null {
  const colon = host.indexOf(':');
  const plain = colon >= 0 && !host.startsWith('[') ? host.slice(0, colon) : host;
  if (plain === '' || plain.length > 64) return null;
  const dotted = plain.replaceAll(/[\u3002\uff0e\uff61]/g, '.');
  const folded = dotted.normalize('NFKC');
  const text = folded.endsWith('.') ? folded.slice(0, -1) : folded;
  const parts = text.split('.');
  if (parts.length > MAX_PARTS) return null;
  const numbers = parts.map(partOf);
  if (numbers.some((number) => number === null)) return null;
  const bytes = bytesOf(numbers as number[]);
  if (bytes === null) return null;
  const odd = parts.length < MAX_PARTS || plain !== text || parts.some((part) => /^0\d|^0x/.test(part));
  return {
    bytes,
    odd: odd && (parts.length > 1 || text.length > 6 || text === '0'),
    metadata: bytes[0] === 169 && bytes[1] === 254,
  };
}

function partOf(part: string): number | null {
  if (/^0x[0-9a-f]{1,16}$/.test(part)) return Number.parseInt(part.slice(-8), 16);
  if (/^0[0-7]{1,20}$/.test(part)) return Number.parseInt(part, 8);
  return /^\d{1,12}$/.test(part) ? Number(part) : null;
}

function bytesOf(numbers: readonly number[]): readonly number[] | null {
  const last = numbers.length - 1;
  const tail = numbers[last] as number;
  const head = numbers.slice(0, last);
  const room = MAX_PARTS - last;
  if (head.some((number) => number > 255) || tail >= 256 ** room) return null;
  const end = Array.from({ length: room }, (_, i) => Math.floor(tail / 256 ** (room - 1 - i)) % 256);
  return [...head, ...end];
}

/** This machine, private networks, link-local, shared, multicast and reserved. */
export function isPrivate(bytes: readonly number[]): boolean {
  const [a = 0, b = 0] = bytes;
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 192) return b === 168;
  return (a === 169 && b === 254) || (a === 100 && b >= 64 && b < 128);
}
