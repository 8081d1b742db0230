import { Resolver } from 'node:dns/promises';

/** Asks the DNS. Both reject as node:dns does, with a `code`. */
export interface BotResolver {
  /** Names of an address (PTR). */
  reverse(address: string): Promise<readonly string[]>;
  /** Addresses of a name (A for 4, AAAA for 6). */
  addresses(name: string, version: 4 | 6): Promise<readonly string[]>;
}

/** The machine's own name servers, asked once with a short time-out. */
export function systemResolver(timeoutMs = 2_000): BotResolver {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  return {
    reverse: (address) => resolver.reverse(address),
    addresses: (name, version) => (version === 4 ? resolver.resolve4(name) : resolver.resolve6(name)),
  };
}
