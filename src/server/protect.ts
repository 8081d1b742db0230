import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { type Hardened, type HardenOptions, hardenServer } from '../adapters/node/index.ts';
import type { Timers } from '../core/clock.ts';
import type { ReadConfig } from './config.ts';
import { cutReporter } from './cut-reporter.ts';
import type { House } from './house.ts';

/** Puts the bounds of connections on a server, and its handshakes into the corridor; what was cut is told once a minute. */
export type Protect = (server: Server | SecureServer) => Hardened;

/**
 * Makes it of what the configuration says under `connections`.
 * @param base what holds where the configuration says nothing
 */
export function protector(
  house: House,
  config: Pick<ReadConfig, 'proxy' | 'connections'>,
  timers: Timers,
  base: HardenOptions = {},
): Protect {
  return (server) => {
    const cuts = cutReporter(house.events, timers);
    const hardened = hardenServer(
      server,
      { ...base, ...boundsOf(config) },
      { gate: house, report: cuts.report },
    );
    server.on('close', cuts.flush);
    return hardened;
  };
}

function boundsOf({ proxy, connections }: Pick<ReadConfig, 'proxy' | 'connections'>): HardenOptions {
  const { trustProxy } = proxy;
  const isHops = typeof trustProxy === 'number' && trustProxy > 0;
  return {
    ...(typeof trustProxy === 'object' ? { proxies: trustProxy } : {}),
    // Whoever connects is a proxy then, of an address that nobody has named.
    ...(isHops ? { maxSocketsPerAddress: 0 } : {}),
    ...connections,
  };
}
