import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RequestContext } from '../../core/context.ts';
import { AppError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { rememberContext } from '../../core/http/node-exchange.ts';
import { NodeView } from '../../core/http/node-view.ts';
import { markUpgradesGuarded } from '../../core/http/server-notes.ts';
import type { Reply } from '../../core/verdict.ts';

/** Status of a handshake that went through. */
const SWITCHED = 101;

/**
 * Lets handshakes (`Upgrade:`, as of WebSockets) walk the corridor before anybody hears of them: block list, limits, the
 * check of `Origin`, sign-in, permissions of `routes`. A refusal is written as an HTTP response and the connection closed.
 * For every server of node:http and node:https, before or after others listen for `upgrade`; `contextOf(request)` is there for
 * their listeners. Messages on the connection are the application's. Calling it twice changes nothing.
 */
export function guardUpgrades(server: Server | SecureServer, gate: Gate): void {
  if (markUpgradesGuarded(server)) return;
  const emit = server.emit.bind(server) as (event: string | symbol, ...rest: unknown[]) => boolean;
  // No listener: one of 'upgrade' would change what the server does with those that nobody takes.
  (server as { emit: typeof emit }).emit = (event, ...rest) => {
    if (event !== 'upgrade' || server.listenerCount('upgrade') === 0) return emit(event, ...rest);
    const [request, socket] = rest as [IncomingMessage, Duplex];
    walk(gate, request, socket, () => emit(event, ...rest));
    return true;
  };
}

function walk(gate: Gate, request: IncomingMessage, socket: Duplex, proceed: () => void): void {
  // node:http has taken its own listener away: a connection that breaks now would take the process along.
  socket.on('error', () => socket.destroy());
  const goOn = (context: RequestContext): void => {
    const { reply } = context;
    if (socket.destroyed) gate.leave(context, 0, 0, true);
    else if (reply !== null) refuse(gate, context, socket, reply);
    else if (hasBody(request)) refuse(gate, context, socket, gate.fail(bodied(), context));
    else {
      rememberContext(request, context);
      // What was given to the handshake (a lease of a limit) is given back when the connection ends.
      socket.once('close', () => gate.leave(context, SWITCHED, 0, false));
      proceed();
    }
  };
  const entered = gate.enter(new NodeView(request));
  if (entered instanceof Promise) void entered.then(goOn);
  else goOn(entered);
}

/** Behind a handshake begin the messages: bytes of a body could be taken for them, or for the next request by a proxy. */
function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function bodied(): AppError {
  return new AppError('A handshake brings no body.', 400, 'INVALID_REQUEST');
}

/** Whoever does not read the refusal is not waited for longer, milliseconds. */
const LAST_WORDS_MS = 2_000;

function refuse(gate: Gate, context: RequestContext, socket: Duplex, reply: Reply): void {
  const body = reply.body === null ? Buffer.alloc(0) : Buffer.from(reply.body);
  const lines = [`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? 'Refused'}`];
  for (let i = 0; i < reply.headers.length; i += 2)
    lines.push(`${reply.headers[i]}: ${reply.headers[i + 1]}`);
  lines.push(`content-length: ${body.length}`, 'connection: close', '', '');
  socket.once('close', () => gate.leave(context, reply.status, body.length, false));
  (socket as Partial<Socket>).setTimeout?.(LAST_WORDS_MS, () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body]), () => socket.destroy());
}
