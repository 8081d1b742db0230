import {
  type Cidr,
  clientGroup,
  contains,
  formatAddress,
  type IpAddress,
  parseAddress,
  parseCidr,
} from './address.ts';
import { OptionsError } from './errors.ts';
import type { ClientAddressValue } from './fact.ts';
import type { RequestView } from './request.ts';

/** Named sets of proxies. */
export type TrustPreset = 'loopback' | 'linklocal' | 'uniquelocal' | 'cloudflare';

/**
 * Whom to believe about forwarded addresses: ranges and presets, or how many proxies stand in front (`1` for one).
 * `false` (the default) believes nobody.
 */
export type TrustProxy = false | number | readonly (TrustPreset | (string & {}))[];

/** Ranges behind the names. Cloudflare's are those it publishes at cloudflare.com/ips. */
export const TRUST_PRESETS: Readonly<Record<TrustPreset, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  // prettier-ignore
  cloudflare: [
    '173.245.48.0/20', '103.21.244.0/22', '103.22.200.0/22', '103.31.4.0/22', '141.101.64.0/18',
    '108.162.192.0/18', '190.93.240.0/20', '188.114.96.0/20', '197.234.240.0/22', '198.41.128.0/17',
    '162.158.0.0/15', '104.16.0.0/13', '104.24.0.0/14', '172.64.0.0/13', '131.0.72.0/22',
    '2400:cb00::/32', '2606:4700::/32', '2803:f800::/32', '2405:b500::/32', '2405:8100::/32',
    '2a06:98c0::/29', '2c0f:f248::/32',
  ],
};

/** How client addresses are found. */
export interface ProxyOptions {
  readonly trustProxy: TrustProxy;
  /** Which header the trusted proxies write; default `x-forwarded-for`. */
  readonly header?: 'x-forwarded-for' | 'forwarded' | 'cf-connecting-ip' | 'x-real-ip';
  /** More forwarded hops than this are refused; default 5. */
  readonly maxHops?: number;
  /** IPv6 clients count by this prefix; default 64, 48 to 128. */
  readonly ipv6Bits?: number;
}

/** What was found out about the sender of a request. */
export type ClientAddressResult =
  | { readonly ok: true; readonly client: ClientAddressValue; readonly untrustedHeader: boolean }
  | { readonly ok: false; readonly hops: number; readonly client: ClientAddressValue };

const UNKNOWN: ClientAddressValue = { address: 'unknown', group: 'unknown', forwarded: false };
const CACHE_ENTRIES = 4096;

/**
 * Compiles the reader of client addresses. It walks the forwarded list from the right, through trusted proxies only,
 * and stops at the first address that nobody vouches for.
 * @throws OptionsError when a range or a number makes no sense
 */
export function addressReader(options: ProxyOptions): (view: RequestView) => ClientAddressResult {
  const { trustProxy } = options;
  const header = options.header ?? 'x-forwarded-for';
  const maxHops = options.maxHops ?? 5;
  const v6Bits = options.ipv6Bits ?? 64;
  const ranges = typeof trustProxy === 'object' ? trustProxy.flatMap(readRange) : [];
  const hopsTrusted = typeof trustProxy === 'number' ? trustProxy : 0;
  if (
    typeof trustProxy === 'number' &&
    (!Number.isInteger(trustProxy) || trustProxy < 0 || trustProxy > 32)
  ) {
    throw new OptionsError('trustProxy', 'a hop count is a whole number from 0 to 32');
  }
  if (!Number.isInteger(v6Bits) || v6Bits < 48 || v6Bits > 128) {
    throw new OptionsError('ipv6Bits', 'a whole number from 48 to 128');
  }
  const trusted = (address: IpAddress, hop: number): boolean =>
    hop < hopsTrusted || ranges.some((range) => contains(range, address));
  const seen = new Map<string, Known>();

  /** Parsing is paid once per address while it stays among the last few thousand. */
  const know = (text: string): Known | undefined => {
    const hit = seen.get(text);
    if (hit) return hit;
    const parsed = parseAddress(text);
    if (!parsed) return undefined;
    const client = { address: formatAddress(parsed), group: clientGroup(parsed, v6Bits), forwarded: false };
    const known: Known = {
      parsed,
      trusted: ranges.some((range) => contains(range, parsed)),
      direct: { ok: true, client, untrustedHeader: false },
      directWithHeader: { ok: true, client, untrustedHeader: true },
    };
    if (seen.size >= CACHE_ENTRIES) seen.clear();
    seen.set(text, known);
    return known;
  };

  return function readClientAddress(view) {
    const peer = view.peer === undefined ? undefined : know(view.peer);
    const forwarded = view.header(header);
    if (!peer) return { ok: true, client: UNKNOWN, untrustedHeader: forwarded !== undefined };
    if (forwarded === undefined) return peer.direct;
    if (!peer.trusted && hopsTrusted === 0) return peer.directWithHeader;
    const chain = header === 'forwarded' ? readForwarded(forwarded, maxHops) : readList(forwarded, maxHops);
    if (chain === undefined) {
      return { ok: false, hops: maxHops + 1, client: peer.direct.client };
    }
    let current = peer.parsed;
    for (let hop = 0; hop < chain.length && trusted(current, hop); hop++) {
      const next = parseAddress(stripPort(chain[chain.length - 1 - hop] as string));
      if (!next) break;
      current = next;
    }
    const client = {
      address: formatAddress(current),
      group: clientGroup(current, v6Bits),
      forwarded: current !== peer.parsed,
    };
    return { ok: true, client, untrustedHeader: false };
  };
}

interface Known {
  readonly parsed: IpAddress;
  readonly trusted: boolean;
  readonly direct: ClientAddressResult;
  readonly directWithHeader: ClientAddressResult;
}

/** The ranges of a preset, or the one of an address or a range; `undefined` for anything else. */
export function rangesOf(text: string): readonly Cidr[] | undefined {
  if (Object.hasOwn(TRUST_PRESETS, text))
    return TRUST_PRESETS[text as TrustPreset].map((range) => parseCidr(range) as Cidr);
  const range = parseCidr(text);
  return range && [range];
}

function readRange(text: string): readonly Cidr[] {
  const ranges = rangesOf(text);
  if (!ranges) throw new OptionsError('trustProxy', `'${text}' is neither a preset nor an address range`);
  return ranges;
}

/** Splits on commas; `undefined` when there are more than `maxHops` entries. */
function readList(text: string, maxHops: number): string[] | undefined {
  let commas = 0;
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) === 44 && ++commas >= maxHops) return undefined;
  return text.split(',').map((part) => part.trim());
}

/** Takes the `for=` of each element of a Forwarded header (RFC 7239). */
function readForwarded(text: string, maxHops: number): string[] | undefined {
  const elements = readList(text, maxHops);
  return elements?.map((element) => {
    for (const pair of element.split(';')) {
      const equals = pair.indexOf('=');
      if (pair.slice(0, equals).trim().toLowerCase() !== 'for') continue;
      const value = pair.slice(equals + 1).trim();
      return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    }
    return '';
  });
}

/** `1.2.3.4:5678` and `[2001:db8::1]:5678` lose their port. */
function stripPort(text: string): string {
  if (text.startsWith('[')) return text.slice(0, text.indexOf(']') + 1);
  const colon = text.indexOf(':');
  return colon >= 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}
