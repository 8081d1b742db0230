import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { type Clock, systemClock, systemTimers, type Timers } from '../../../core/clock.ts';
import type { Gate } from '../../../core/gate.ts';
import { onClientError } from '../client-error.ts';
import { Crowd } from './crowd.ts';
import { framingFault } from './framing.ts';
import { type HardenOptions, readHardenOptions, type ResolvedHardenOptions } from './options.ts';
import { headRead, newPace, type Pace, tooSlow } from './pace.ts';
import { refuse } from './refusal.ts';
import { markHardened } from '../../../core/http/server-notes.ts';
import { guardUpgrades } from '../upgrades.ts';
import { glanceAt, type Watched } from './watched.ts';

/** Why a connection was not kept, or a request not read. */
export type CutReason = 'head' | 'upload' | 'download' | 'address' | 'pipelined' | 'framing';

/** What hardening stands on; everything has a default. */
export interface HardenPorts {
  /** Words of the answers, and records of them; handshakes walk its corridor. Default short words of its own. */
  readonly gate?: Gate;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Hears of every connection that was cut; must not throw. Called as often as somebody likes: count, don't log. */
  readonly report?: (reason: CutReason, address: string | undefined) => void;
  /** Requests whose body may come as slowly as it likes: live streams of events or logs. */
  readonly mayTrickle?: (request: IncomingMessage) => boolean;
}

/** A server that was hardened. */
export interface Hardened {
  /** Connections now, and addresses that have some. */
  readonly counts: () => { readonly sockets: number; readonly addresses: number };
  /** Ends the watch; the server stays as it is. */
  readonly stop: () => void;
}

/** How often connections are looked at, milliseconds. */
const GLANCE_MS = 500;
/** An answer to a request that never came whole may take so long, milliseconds. */
const LAST_WORDS_MS = 2_000;

/**
 * Sets bounds to what a connection may cost: time for heads, bodies and answers, connections by address, requests at once,
 * and no two readings of one request. For every server of node:http and node:https, also those of Express, Fastify
 * (`app.server`) and Hono (`serve(…)`), before or after it listens.
 * @throws OptionsError naming the path and the reason
 */
export function hardenServer(
  server: Server | SecureServer,
  options: HardenOptions = {},
  ports: HardenPorts = {},
): Hardened {
  const limits = readHardenOptions(options);
  server.headersTimeout = limits.headersTimeout;
  server.requestTimeout = limits.requestTimeout;
  server.keepAliveTimeout = limits.keepAliveTimeout;
  // One more than is let through: node:http leaves out what is beyond without a word.
  server.maxHeadersCount = limits.maxHeaders + 1;
  // Asked here: node:http's own answer has no words, and it goes on to read what comes behind.
  (server as { requireHostHeader?: boolean }).requireHostHeader = false;
  if (limits.maxConnections > 0) server.maxConnections = limits.maxConnections;
  if (ports.gate !== undefined && server.listenerCount('clientError') === 0)
    server.on('clientError', onClientError(ports.gate, ports.timers));
  if (ports.gate !== undefined) guardUpgrades(server, ports.gate);
  markHardened(server);
  const watch = new Watch(server, limits, ports);
  return {
    counts: () => ({ sockets: watch.sockets.size, addresses: watch.crowd.size }),
    stop: () => watch.stop(),
  };
}

class Watch {
  readonly sockets = new Map<Socket, Watched>();
  readonly crowd: Crowd;
  readonly #server: Server | SecureServer;
  readonly #limits: ResolvedHardenOptions;
  readonly #ports: HardenPorts;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(server: Server | SecureServer, limits: ResolvedHardenOptions, ports: HardenPorts) {
    this.#server = server;
    this.#limits = limits;
    this.#ports = ports;
    this.#clock = ports.clock ?? systemClock;
    this.#timers = ports.timers ?? systemTimers;
    this.crowd = new Crowd(limits.maxSocketsPerAddress, limits.proxies.flat());
    const emit = server.emit.bind(server) as (event: string | symbol, ...rest: unknown[]) => boolean;
    // Stands before all listeners, and is none: a listener of 'upgrade' would change what the server does.
    (server as { emit: typeof emit }).emit = (event, ...rest) =>
      !this.#stopped && this.#intercepts(event, rest) ? true : emit(event, ...rest);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.sockets.clear();
  }

  /** @returns whether nobody else is to hear of it */
  #intercepts(event: string | symbol, rest: readonly unknown[]): boolean {
    switch (event) {
      case 'connection':
      case 'secureConnection':
        return this.#opened(rest[0] as Socket, event === 'secureConnection');
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        return this.#begun(rest[0] as IncomingMessage, rest[1] as ServerResponse);
      case 'clientError':
        // It has its answer; what the parser says of the rest would be a second one.
        return this.sockets.get(rest[1] as Socket)?.isRefused ?? false;
      case 'upgrade':
      case 'connect':
        return this.#released(rest[0] as IncomingMessage, rest[1] as Socket);
      default:
        return false;
    }
  }

  #opened(socket: Socket, isSecured: boolean): boolean {
    if (!isSecured) {
      const leave = this.crowd.enter(socket.remoteAddress);
      if (leave === undefined) {
        this.#report('address', socket.remoteAddress);
        socket.destroy();
        return true;
      }
      socket.once('close', leave);
    }
    // With TLS the connection below is left to the handshake's own timer.
    const isBelowTls = !isSecured && 'setSecureContext' in this.#server;
    if (!isBelowTls) this.#watch(socket);
    return false;
  }

  #watch(socket: Socket): void {
    const pace: Pace = newPace(this.#clock.monotonic());
    this.sockets.set(socket, {
      pace,
      requests: 0,
      total: 0,
      message: undefined,
      mayTrickle: false,
      isRefused: false,
    });
    socket.once('close', () => this.sockets.delete(socket));
    this.#cancel ??= this.#timers.after(GLANCE_MS, () => this.#look());
  }

  #begun(request: IncomingMessage, response: ServerResponse): boolean {
    const watched = this.sockets.get(request.socket);
    if (watched?.isRefused === true) return true;
    const fault = framingFault(request, this.#limits.maxHeaders);
    const isFlood = watched !== undefined && watched.requests >= this.#limits.maxPipelined;
    if (watched !== undefined) {
      watched.requests += 1;
      watched.total += 1;
      // node:http's own bound leaves the closing to the client.
      if (watched.total === this.#limits.maxRequestsPerSocket) {
        watched.isRefused = true;
        response.shouldKeepAlive = false;
      }
      watched.message = request;
      watched.mayTrickle = this.#ports.mayTrickle?.(request) ?? false;
      headRead(watched.pace, request.socket.bytesRead);
      response.once('close', () => {
        watched.requests -= 1;
        headRead(watched.pace, request.socket?.bytesRead ?? 0);
      });
    }
    if (fault === undefined && !isFlood) return false;
    if (watched !== undefined) watched.isRefused = true;
    this.#report(isFlood ? 'pipelined' : 'framing', request.socket.remoteAddress);
    refuse(this.#ports.gate, request, response, fault === 'headers' ? 431 : 400);
    return true;
  }

  /** From here on the connection speaks something else, at its own pace. */
  #released(request: IncomingMessage, socket: Socket): boolean {
    this.sockets.delete(socket);
    if (framingFault(request, this.#limits.maxHeaders) === undefined) return false;
    this.#report('framing', socket.remoteAddress);
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return true;
  }

  #look(): void {
    this.#cancel = undefined;
    const atMs = this.#clock.monotonic();
    for (const [socket, watched] of this.sockets) {
      const reason = tooSlow(watched.pace, glanceAt(socket, watched, atMs), this.#limits);
      if (reason === undefined) continue;
      this.sockets.delete(socket);
      this.#report(reason, socket.remoteAddress);
      if (reason === 'download') socket.destroy();
      else this.#timeOut(socket);
    }
    if (this.sockets.size > 0) this.#cancel = this.#timers.after(GLANCE_MS, () => this.#look());
  }

  /** As node:http does with its own timers, which run out only every 30 seconds on servers that others have made. */
  #timeOut(socket: Socket): void {
    if (this.#server.listenerCount('clientError') === 0) {
      socket.destroy();
      return;
    }
    const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    this.#server.emit('clientError', error, socket);
    const cancel = this.#timers.after(LAST_WORDS_MS, () => socket.destroy());
    socket.once('close', cancel);
  }

  #report(reason: CutReason, address: string | undefined): void {
    this.#ports.report?.(reason, address);
  }
}
