import type { IncomingMessage } from 'node:http';
import type { Gate } from '../gate.ts';

interface Noted {
  headersTimeout?: number;
  listenerCount?(event: string): number;
  [HARDENED]?: true;
  [UPGRADES_GUARDED]?: true;
  [SEEN]?: WeakSet<Gate>;
}

const HARDENED = Symbol('rampart.hardened');
const UPGRADES_GUARDED = Symbol('rampart.upgrades');
const SEEN = Symbol('rampart.seen');
/** Of node:http, milliseconds. Whoever set a shorter one has thought of it. */
const DEFAULT_HEADERS_TIMEOUT_MS = 60_000;

/** Notes that the connections of a server are bounded. */
export function markHardened(server: object): void {
  (server as Noted)[HARDENED] = true;
}

/** Notes that handshakes of a server walk a corridor. @returns whether they did already */
export function markUpgradesGuarded(server: object): boolean {
  const known = (server as Noted)[UPGRADES_GUARDED] === true;
  (server as Noted)[UPGRADES_GUARDED] = true;
  return known;
}

/** Tells the gate, with the first request of a server, what is missing there. */
export function noteServer(gate: Gate, request: IncomingMessage): void {
  if (gate.onServerFlaws === undefined) return;
  // Of a socket of node:http or its TLS; others tell of none.
  const server = (request.socket as { readonly server?: Noted } | null)?.server;
  if (server === undefined || typeof server.listenerCount !== 'function') return;
  const seen = (server[SEEN] ??= new WeakSet());
  if (seen.has(gate)) return;
  seen.add(gate);
  const unbounded = server[HARDENED] !== true && (server.headersTimeout ?? 0) >= DEFAULT_HEADERS_TIMEOUT_MS;
  const unguardedUpgrades = server[UPGRADES_GUARDED] !== true && server.listenerCount('upgrade') > 0;
  if (unbounded || unguardedUpgrades) gate.onServerFlaws({ unbounded, unguardedUpgrades });
}
