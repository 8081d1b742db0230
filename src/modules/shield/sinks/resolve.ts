import { Resolver } from 'node:dns/promises';
import { formatAddress, parseAddress } from '../../../core/address.ts';
import { SsrfError, UpstreamError } from './errors.ts';
import type { ResolvedFetchOptions } from './fetch-options.ts';
import { assertPublic, type Target } from './target.ts';

/** Finds the addresses of a name, IPv4 and IPv6. Rejects where there are none. */
export type HostResolver = (name: string) => Promise<readonly string[]>;

/** A name with more addresses than this is refused: each is looked at. */
const MAX_ADDRESSES = 64;

/** How names are asked for. */
export interface DnsOptions {
  /** Wait for one answer, milliseconds; default 2,000, tried twice. */
  readonly timeoutMs?: number;
  /** `address` or `address:port`; default the machine's own name servers. */
  readonly servers?: readonly string[];
}

/**
 * Asks name servers for A and AAAA at once. Neither the machine's hosts file nor its search list is read, and its pool of
 * threads is not used, which slow name servers would fill.
 */
export function dnsResolver({ timeoutMs = 2_000, servers }: DnsOptions = {}): HostResolver {
  return async (name) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (addresses.length > 0) return addresses;
    throw (found[0] as PromiseRejectedResult).reason;
  };
}

/**
 * The addresses that a target may be connected to, all of them checked: one that leads inside refuses the whole name.
 * @throws SsrfError; UpstreamError where the name has no address
 */
export async function checkedAddresses(
  target: Target,
  rules: Pick<ResolvedFetchOptions, 'allowRanges'>,
  resolve: HostResolver,
): Promise<readonly string[]> {
  if (target.literal !== undefined) return [formatAddress(target.literal)];
  let found: readonly string[];
  try {
    found = await resolve(target.host);
  } catch (cause) {
    throw new UpstreamError('UPSTREAM_FAILED', { cause });
  }
  if (found.length === 0) throw new UpstreamError('UPSTREAM_FAILED');
  if (found.length > MAX_ADDRESSES) throw new SsrfError('address');
  return found.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new SsrfError('address');
    assertPublic(address, rules);
    return formatAddress(address);
  });
}
