import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestView } from '../request.ts';

/** A request of node:http as guards see it. Getters over the message: nothing is copied. */
export class NodeView implements RequestView {
  readonly target: string;
  readonly #message: IncomingMessage;

  /** @param target path and query as received; frameworks that rewrite `url` hand in the original */
  constructor(message: IncomingMessage, target: string = message.url ?? '/') {
    this.#message = message;
    this.target = target;
  }

  get method(): string {
    return this.#message.method ?? 'GET';
  }

  get peer(): string | undefined {
    // A request that was destroyed has no socket any more.
    return (this.#message.socket as Socket | null)?.remoteAddress;
  }

  get encrypted(): boolean {
    return (this.#message.socket as { encrypted?: unknown } | null)?.encrypted === true;
  }

  header(name: string): string | undefined {
    const value: unknown = this.#message.headers[name];
    if (typeof value === 'string') return value;
    return Array.isArray(value) ? value.join(', ') : undefined;
  }

  rawHeaders(): readonly string[] {
    return this.#message.rawHeaders;
  }
}
