/**
 * IP addresses as the rest of the house uses them: parsed once, IPv4-mapped IPv6 read as IPv4 (RFC 4291 2.5.5.2),
 * written canonically (RFC 5952), grouped by prefix.
 */
export interface IpAddress {
  readonly version: 4 | 6;
  /** Four (IPv4) or sixteen (IPv6) bytes. */
  readonly bytes: Uint8Array;
}

/** A range of addresses. */
export interface Cidr {
  readonly network: IpAddress;
  /** Leading bits that count: 0 to 32 (IPv4) or 128 (IPv6). */
  readonly bits: number;
}

/**
 * Reads an address. Takes brackets and a zone id (`[fe80::1%eth0]`) but no port; refuses octal, hexadecimal and short
 * IPv4 forms, which different programs read differently.
 * @returns `undefined` when the text is no address
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length > 64) return undefined;
  let plain = text;
  if (plain.startsWith('[') && plain.endsWith(']')) plain = plain.slice(1, -1);
  if (!plain.includes(':')) {
    const bytes = parseV4(plain);
    return bytes && { version: 4, bytes };
  }
  const zone = plain.indexOf('%');
  if (zone >= 0) plain = plain.slice(0, zone);
  const bytes = parseV6(plain);
  if (!bytes) return undefined;
  return isMapped(bytes) ? { version: 4, bytes: bytes.slice(12) } : { version: 6, bytes };
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i] as string;
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0] as string);
  const tail = halves.length === 2 ? readGroups(halves[1] as string) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  groups.forEach((group, i) => {
    bytes[i * 2] = group >> 8;
    bytes[i * 2 + 1] = group & 255;
  });
  return bytes;
}

function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (!v4) return undefined;
      groups.push(((v4[0] as number) << 8) | (v4[1] as number), ((v4[2] as number) << 8) | (v4[3] as number));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(parseInt(part, 16));
    }
  }
  return groups.length <= 8 ? groups : undefined;
}

function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 255 && bytes[11] === 255;
}

/** Writes an address canonically: dotted for IPv4, RFC 5952 for IPv6. */
export function formatAddress(address: IpAddress): string {
  const { bytes } = address;
  if (address.version === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  let start = -1;
  let run = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > run) {
      start = i;
      run = length;
    }
    i += length;
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + run).join(':')}`;
}

/** The first `bits` bits of an address, the rest zero. */
export function prefixOf(address: IpAddress, bits: number): IpAddress {
  const bytes = address.bytes.slice();
  for (let i = 0; i < bytes.length; i++) {
    const keep = Math.min(8, Math.max(0, bits - i * 8));
    bytes[i] = (bytes[i] as number) & (0xff << (8 - keep)) & 0xff;
  }
  return { version: address.version, bytes };
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. Bits of an IPv4-mapped range count from its IPv4 part.
 * @returns `undefined` when the text is no range
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  const width = address.bytes.length * 8;
  if (slash < 0) return { network: address, bits: width };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return undefined;
  const mapped = address.version === 4 && text.slice(0, slash).includes(':');
  const bits = mapped ? Number(digits) - 96 : Number(digits);
  return bits >= 0 && bits <= width ? { network: prefixOf(address, bits), bits } : undefined;
}

/** Writes a range as `network/bits`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.network)}/${cidr.bits}`;
}

/** Whether the range holds the address. */
export function contains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.network.version !== address.version) return false;
  const whole = cidr.bits >> 3;
  for (let i = 0; i < whole; i++) if (cidr.network.bytes[i] !== address.bytes[i]) return false;
  const rest = cidr.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((cidr.network.bytes[whole] as number) & mask) === ((address.bytes[whole] as number) & mask);
}

/** What counts as one client: an IPv4 address, or the first `v6Bits` bits of an IPv6 address. */
export function clientGroup(address: IpAddress, v6Bits = 64): string {
  if (address.version === 4) return formatAddress(address);
  return `${formatAddress(prefixOf(address, v6Bits))}/${v6Bits}`;
}
