import type { Finding } from './finding.ts';

/** What the running server saw during the last hour. */
export interface TrafficFacts {
  readonly requests: number;
  /** The busiest addresses, the busiest first. */
  readonly addresses: readonly { readonly address: string; readonly requests: number }[];
  /** Requests with a forwarded header of a peer that is not trusted; the newest 200 at most. */
  readonly untrustedForwards: number;
}

/** How clients reach the server. */
export interface TopologyFacts {
  /** Whether the configuration trusts a proxy. */
  readonly trustsProxy: boolean;
  /** `undefined` while no server runs. */
  readonly traffic: TrafficFacts | undefined;
}

/** With fewer requests one address proves nothing. */
const TELLING_REQUESTS = 200;

/** Whether the addresses of clients look right. */
export function topologyFindings({ trustsProxy, traffic }: TopologyFacts): readonly Finding[] {
  if (!traffic) return [];
  const findings: Finding[] = [];
  const [only] = traffic.addresses;
  if (traffic.untrustedForwards > 0) {
    findings.push({
      level: 'warning',
      text: trustsProxy
        ? 'A forwarded header came from a peer that is not among the trusted proxies, and was ignored: a proxy is missing from the list, or clients reach the server around it.'
        : 'A forwarded header came from a peer, and was ignored because no proxy is trusted.',
      remedy:
        'If that peer is your proxy, add its range to trustProxy in rampart.config.ts; else somebody tries to look like another client, and nothing needs to be done.',
    });
  }
  if (traffic.requests >= TELLING_REQUESTS && traffic.addresses.length === 1 && only) {
    findings.push({
      level: 'warning',
      text: `Every client has the address ${only.address}: limits and blocks meet all of them at once.`,
      remedy: trustsProxy
        ? 'The proxy does not pass the client on: let it set X-Forwarded-For, or set forwardedHeader to the one that it sets.'
        : `If ${only.address} is your proxy, set trustProxy in rampart.config.ts to it.`,
    });
  }
  return findings;
}

/** What matters once strangers come. */
export interface ProductionFacts {
  readonly production: boolean;
  /** Address for people. */
  readonly publicUrl: string;
  /** Whether the server listens beyond this machine. */
  readonly listensBeyond: boolean;
  /** Whether RAMPART_ADMIN_PASSWORD stands in the environment itself, and not in a file. */
  readonly passwordInEnvironment: boolean;
  /** Hosts of stores that are reached over a network without TLS. */
  readonly openStores: readonly string[];
}

/** Settings of production; asked in every mode, so that one sees before what will be said then. */
export function productionFindings(facts: ProductionFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (facts.production && facts.publicUrl.startsWith('http:')) {
    findings.push({
      level: 'warning',
      text: `In production people reach the server over plain http (${new URL(facts.publicUrl).host}).`,
      remedy: 'Put TLS in front and set RAMPART_PUBLIC_URL to its https address.',
    });
  }
  if (!facts.production && facts.listensBeyond) {
    findings.push({
      level: 'warning',
      text: 'The server listens beyond this machine, but NODE_ENV is not production: errors show their stacks.',
      remedy: 'Set NODE_ENV=production.',
    });
  }
  if (facts.passwordInEnvironment) {
    findings.push({
      level: facts.production ? 'error' : 'warning',
      text: 'RAMPART_ADMIN_PASSWORD stands in the environment, which other processes and crash reports can read.',
      remedy:
        'Put it into a file that only this user can read, and name that in RAMPART_ADMIN_PASSWORD_FILE.',
    });
  }
  for (const host of facts.openStores) {
    findings.push({
      level: facts.production ? 'warning' : 'info',
      text: `Records and counters travel to ${host} without TLS.`,
      remedy:
        'Use sslmode=verify-full in DATABASE_URL and rediss:// in REDIS_URL, unless that network is yours alone.',
    });
  }
  return findings;
}
