import { type Cidr, contains, type IpAddress, parseCidr } from '../../../core/address.ts';

/** What an address belongs to; only `public` ones are somebody else's machine on the internet. */
export type AddressKind =
  | 'public'
  | 'unspecified'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'shared'
  | 'multicast'
  | 'documentation'
  | 'translated'
  | 'reserved';

/**
 * The special-purpose registries of IANA (RFC 6890 and its successors), the narrowest range first. IPv6 needs only the
 * exceptions within 2000::/3: nothing outside of it is routed on the internet.
 */
const RANGES: readonly (readonly [Exclude<AddressKind, 'public'>, readonly string[]])[] = [
  // Services that hand out credentials to whatever machine asks; 168.63.129.16 looks public and is not.
  [
    'metadata',
    ['169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::/32'],
  ],
  ['unspecified', ['0.0.0.0/8', '::/128']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['shared', ['100.64.0.0/10']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  ['documentation', ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20']],
  // An IPv4 address is hidden in these: NAT64, 6to4 and its relays, Teredo, IPv4-compatible.
  ['translated', ['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '192.88.99.0/24', '2001::/32', '::/96']],
  ['reserved', ['192.0.0.0/24', '198.18.0.0/15', '240.0.0.0/4', '2001::/23']],
];

const TABLE: readonly (readonly [Exclude<AddressKind, 'public'>, Cidr])[] = RANGES.flatMap(([kind, ranges]) =>
  ranges.map((range) => [kind, parseCidr(range) as Cidr] as const),
);
const GLOBAL_V6 = parseCidr('2000::/3') as Cidr;

/** What an address belongs to. IPv4-mapped forms have become IPv4 when they were parsed. */
export function addressKind(address: IpAddress): AddressKind {
  for (const [kind, range] of TABLE) if (contains(range, address)) return kind;
  if (address.version === 4) return 'public';
  if (!contains(GLOBAL_V6, address)) return 'reserved';
  return isIsatap(address.bytes) ? 'translated' : 'public';
}

/** An interface id that wraps an IPv4 address (RFC 5214): `…:0:5efe:a.b.c.d`. */
function isIsatap(bytes: Uint8Array): boolean {
  return ((bytes[8] as number) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}
