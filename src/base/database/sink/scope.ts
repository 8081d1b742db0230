import { AsyncLocalStorage } from 'node:async_hooks';
import { type HandlerRequest, watchHandlers } from '../../../core/handler-scope.ts';
import { type RequestInputs, requestInputs, type RequestSource } from './inputs.ts';

/** Carries a request's values to wherever its statements are sent. */
export interface InputScope {
  /** Runs the request's work; everything that follows from it, also later, knows the request. */
  run<T>(source: RequestSource, work: () => T): T;
  /** The values of the request at hand: what a guard of statements asks for. */
  readonly current: () => RequestInputs | undefined;
}

/** Makes a scope: one per process is enough. */
export function inputScope(): InputScope {
  const storage = new AsyncLocalStorage<RequestInputs>();
  return {
    run: (source, work) => storage.run(requestInputs(source), work),
    current: () => storage.getStore(),
  };
}

/** Values of the request whose handler an adapter runs, collected when a statement first asks. */
export function handlerInputs(): () => RequestInputs | undefined {
  const current = watchHandlers();
  const known = new WeakMap<HandlerRequest, RequestInputs>();
  return () => {
    const request = current();
    if (request === undefined) return undefined;
    const inputs = known.get(request) ?? requestInputs(request);
    known.set(request, inputs);
    return inputs;
  };
}

/** What is read of a request of node:http, Express, or Fastify (`request.raw` with its body). */
export interface NodeRequest {
  readonly url?: string | undefined;
  /** The whole target where a framework shortens `url`. */
  readonly originalUrl?: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly body?: unknown;
}

/** A request of node:http or Express as a source of values: `app.use((req, res, next) => scope.run(nodeSource(req), next))`. */
export function nodeSource(request: NodeRequest): RequestSource {
  return {
    target: request.originalUrl ?? request.url ?? '/',
    rawHeaders: () => request.rawHeaders,
    body: () => request.body,
  };
}

/** A request of the Fetch standard. @param body the parsed body, asked for when a statement is looked at */
export function webSource(
  request: { readonly url: string; readonly headers: Iterable<[string, string]> },
  body?: () => unknown,
): RequestSource {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  return {
    target: pathname + search,
    rawHeaders: () => [...request.headers].flat(),
    ...(body === undefined ? {} : { body }),
  };
}
