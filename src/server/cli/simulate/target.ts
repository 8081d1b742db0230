import { createServer } from 'node:net';
import { parseAddress } from '../../../core/address.ts';

/** Where requests go. */
export interface Target {
  /** Such as `http://127.0.0.1:4600`, without a slash at its end. */
  readonly origin: string;
  /** What the socket connects to. */
  readonly host: string;
  readonly port: number;
  /** What the Host header says. */
  readonly authority: string;
}

/**
 * Reads the address of the server. Only this machine itself may be attacked.
 * @returns the target, or a sentence that says what is wrong
 */
export function readTarget(text: string): Target | string {
  if (!URL.canParse(text))
    return `'${text.slice(0, 100)}' is not a URL; write one such as http://127.0.0.1:4600`;
  const url = new URL(text);
  if (url.protocol !== 'http:') return 'only http:// on this machine can be driven';
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const host = name === 'localhost' ? '127.0.0.1' : name;
  if (!isLoopback(host)) {
    return `${name} is not this machine: a simulation attacks, so it speaks to loopback addresses only (127.0.0.1, ::1, localhost)`;
  }
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    return 'give the server alone: no path, no query, no user';
  return { origin: url.origin, host, port: Number(url.port || 80), authority: url.host };
}

function isLoopback(host: string): boolean {
  const address = parseAddress(host);
  if (!address) return false;
  return host === '::1' || host.startsWith('127.');
}

/** Which addresses the actors speak from. */
export interface Addresses {
  /** Whether each actor has one of its own. */
  readonly distinct: boolean;
  /** Address of an actor, or `undefined` for whatever the system takes. */
  of(side: 'honest' | 'attacker', index: number): string | undefined;
  /** What a trusted proxy says of it in X-Forwarded-For, where the simulation speaks as one. */
  named(side: 'honest' | 'attacker', index: number): string | undefined;
}

/** Honest actors speak from 127.0.1.x, attackers from 127.0.2.x, where the system lets them (Linux does). As a proxy they
 * are named by addresses that stand in examples (RFC 5737). */
export async function findAddresses(target: Target, asProxy: boolean): Promise<Addresses> {
  if (asProxy)
    return {
      distinct: true,
      of: () => undefined,
      named: (side, index) => `${side === 'honest' ? '198.51.100' : '203.0.113'}.${1 + (index % 254)}`,
    };
  const distinct = target.host.startsWith('127.') && (await canListen('127.0.1.1'));
  return {
    distinct,
    named: () => undefined,
    of: (side, index) => (distinct ? `127.0.${side === 'honest' ? 1 : 2}.${1 + (index % 254)}` : undefined),
  };
}

function canListen(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, host, () => server.close(() => resolve(true)));
  });
}
