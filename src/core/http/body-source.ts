import type { IncomingMessage } from 'node:http';
import { RampartError } from '../errors.ts';
import type { BodySource } from '../intake.ts';

function taken(): RampartError {
  return new RampartError(
    'BODY_TAKEN',
    'Something has read the body already: let guard.upload be the first, with no body parser before it.',
  );
}

/**
 * The body of a request of node:http, chunk by chunk as it is asked for. Whoever stops early leaves the rest in the socket:
 * the connection lives on until the answer has been written, which a loop over the message itself would not allow.
 * @throws RampartError `BODY_TAKEN`
 */
export function nodeBody(message: IncomingMessage): BodySource {
  if (message.readableDidRead || message.readableEnded) throw taken();
  return { [Symbol.asyncIterator]: () => new NodeBody(message) };
}

/**
 * The body of a Request.
 * @throws RampartError `BODY_TAKEN`
 */
export function webBody(request: Request): BodySource {
  if (request.bodyUsed) throw taken();
  const { body } = request;
  async function* none(): AsyncGenerator<Uint8Array, void, undefined> {}
  return body ?? none();
}

class NodeBody implements AsyncIterator<Uint8Array, undefined> {
  readonly #message: IncomingMessage;
  readonly #chunks: Uint8Array[] = [];
  #over = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(message: IncomingMessage) {
    this.#message = message;
    message.on('data', this.#take);
    message.on('end', this.#end);
    message.on('error', this.#fail);
    message.on('close', this.#closed);
    message.pause();
  }

  readonly #take = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk);
    this.#message.pause();
    this.#wake?.();
  };

  readonly #end = (): void => {
    this.#over = true;
    this.#wake?.();
  };

  readonly #fail = (error: Error): void => {
    this.#error ??= error;
    this.#wake?.();
  };

  readonly #closed = (): void => {
    if (!this.#over) this.#fail(Object.assign(new Error('The client has gone.'), { code: 'ECONNRESET' }));
  };

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#chunks.length === 0 && !this.#over && this.#error === undefined) {
      await new Promise<void>((go) => {
        this.#wake = go;
        this.#message.resume();
      });
    }
    const value = this.#chunks.shift();
    if (value !== undefined) return { done: false, value };
    if (this.#error !== undefined) {
      this.#leave();
      throw this.#error;
    }
    this.#leave();
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  #leave(): void {
    const message = this.#message;
    message.off('data', this.#take);
    message.off('end', this.#end);
    message.off('close', this.#closed);
    // An error that comes later, as of a client that goes, must still find somebody.
    message.pause();
  }
}
