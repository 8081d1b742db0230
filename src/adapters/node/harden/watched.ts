import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isHeld } from '../../../core/http/node-body.ts';
import type { Glance, Pace } from './pace.ts';

/** What is remembered of a connection. */
export interface Watched {
  readonly pace: Pace;
  /** Requests that are being answered. */
  requests: number;
  /** Requests so far. */
  total: number;
  /** The request that came last. */
  message: IncomingMessage | undefined;
  /** Its body may come as slowly as it likes. */
  mayTrickle: boolean;
  /** Whether what still comes is not read any more. */
  isRefused: boolean;
}

/** What node:net goes by itself when it tells a slow write from none. */
interface Inside {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  readonly _bytesDispatched?: number;
}

/** Looks at a connection. */
export function glanceAt(socket: Socket, watched: Watched, atMs: number): Glance {
  const { message } = watched;
  const isComing = message !== undefined && !message.complete;
  const { _handle: handle, _bytesDispatched: dispatched } = socket as unknown as Inside;
  const queued = handle?.writeQueueSize ?? 0;
  return {
    atMs,
    // A body may still come when its answer has been sent.
    requests: Math.max(watched.requests, isComing ? 1 : 0),
    received: socket.bytesRead,
    // One large write is handed over at once; what the kernel took of it shows in the queue alone.
    sent: (dispatched ?? socket.bytesWritten) - queued,
    unsent: Math.max(queued, socket.writableLength),
    // Nothing is left to read, and somebody reads: an application that takes its time is not the client's fault.
    wantsBody:
      isComing &&
      !watched.mayTrickle &&
      message.readableLength === 0 &&
      (isHeld(message) || message.readableFlowing === true || message.listenerCount('readable') > 0),
  };
}
