import type { RequestContext } from '../context.ts';
import type { Gate } from '../gate.ts';
import type { Reply } from '../verdict.ts';
import { isBodiless } from './body.ts';
import { BODY_HEADERS, ownHeaders, unionOf } from './headers.ts';
import { WebView } from './web-view.ts';

const CONTEXT = Symbol('rampart.context');

/** The context of a Request that went through an adapter of the Web standard. A clone of the Request has none. */
export function contextOfWebRequest(request: object): RequestContext | undefined {
  return (request as { [CONTEXT]?: RequestContext })[CONTEXT];
}

/**
 * Leads one Request to the gate and to the application, and sees to it that the gate is left exactly once: at the end of
 * the response's body, when it is cancelled, or when the client has gone.
 * @param peer remote address, where the runtime tells it
 */
export async function admitWeb(
  gate: Gate,
  request: Request,
  peer: string | undefined,
  proceed: (context: RequestContext) => Response | Promise<Response>,
): Promise<Response> {
  const entered = gate.enter(new WebView(request, peer));
  const context = entered instanceof Promise ? await entered : entered;
  (request as { [CONTEXT]?: RequestContext })[CONTEXT] = context;
  const exchange = new WebExchange(gate, request, context);
  if (context.reply !== null) return exchange.finish(responseOf(context.reply, request.method), true);
  let response: Response;
  try {
    response = await proceed(context);
  } catch (error) {
    response = responseOf(gate.fail(error, context), request.method);
  }
  return exchange.finish(response, false);
}

/** A reply as a Response; the body is left out where the method forbids one, and its length is told all the same. */
export function responseOf(reply: Reply, method: string): Response {
  const bodiless = isBodiless(method, reply.status);
  const headers = new Headers();
  for (let i = 0; i < reply.headers.length; i += 2) {
    headers.append(reply.headers[i] as string, reply.headers[i + 1] as string);
  }
  if (method === 'HEAD' && reply.body !== null) {
    headers.set('content-length', String(lengthOf(reply.body)));
  }
  return new Response(bodiless ? null : (reply.body as string | Uint8Array<ArrayBuffer> | null), {
    status: reply.status,
    headers,
  });
}

function lengthOf(body: string | Uint8Array): number {
  return typeof body === 'string' ? new TextEncoder().encode(body).byteLength : body.byteLength;
}

/** Takes away what told of the body that an error's answer replaces. */
export function dropBodyHeaders(headers: Headers): void {
  for (const name of BODY_HEADERS) headers.delete(name);
}

class WebExchange {
  readonly #gate: Gate;
  readonly #request: Request;
  readonly #context: RequestContext;
  readonly #onAbort: () => void;
  #status = 0;
  #bytes = 0;
  #left = false;

  constructor(gate: Gate, request: Request, context: RequestContext) {
    this.#gate = gate;
    this.#request = request;
    this.#context = context;
    this.#onAbort = () => this.#leave(true);
    if (request.signal.aborted) this.#leave(true);
    else request.signal.addEventListener('abort', this.#onAbort);
  }

  /**
   * Puts the house's headers on a response and watches its body.
   * @param whole the response has them already
   */
  finish(response: Response, whole: boolean): Response {
    // A protocol switch and a network error cannot be built anew; their runtimes want the very object back.
    if (response.status < 200 || response.status > 599) {
      this.#leave(false);
      return response;
    }
    const headers = whole ? response.headers : this.#withOwn(response.headers);
    this.#status = response.status;
    const init = { status: response.status, statusText: response.statusText, headers };
    const { body } = response;
    if (body === null || isBodiless(this.#request.method, response.status) || this.#left) {
      if (body !== null) void body.cancel().catch(() => undefined);
      this.#leave(false);
      return new Response(null, init);
    }
    return new Response(this.#watched(body), init);
  }

  #withOwn(given: Headers): Headers {
    const headers = new Headers(given);
    const own = ownHeaders(this.#context);
    for (let i = 0; i < own.length; i += 2) {
      const name = own[i] as string;
      const value = own[i + 1] as string;
      const theirs = given.get(name);
      if (name === 'set-cookie') headers.append(name, value);
      else if (theirs === null) headers.set(name, value);
      else if (name === 'vary') headers.set(name, unionOf(value, theirs));
    }
    for (const name of this.#context.plan.removes) headers.delete(name);
    return headers;
  }

  /** The body chunk by chunk, counted; nothing is held back. */
  #watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await reader.read();
            if (done) {
              controller.close();
              this.#leave(false);
              return;
            }
            this.#bytes += value.byteLength;
            controller.enqueue(value);
          } catch (error) {
            if (!this.#left) this.#gate.fail(error, this.#context);
            this.#leave(true);
            controller.error(error);
          }
        },
        cancel: (reason) => {
          this.#leave(true);
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  #leave(aborted: boolean): void {
    if (this.#left) return;
    this.#left = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#gate.leave(this.#context, this.#status, this.#bytes, aborted);
  }
}
