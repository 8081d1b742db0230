import { AsyncLocalStorage } from 'node:async_hooks';

/** What the caller sent in the request whose handler is at work. Nothing is read before somebody asks. */
export interface HandlerRequest {
  /** Path and query as received. */
  readonly target: string;
  /** Names and values in turn. */
  rawHeaders(): readonly string[];
  /** What the application has read of the body so far, parsed where its framework did. */
  body?(): unknown;
  /** The body was longer than what is kept of it. */
  isPartial?(): boolean;
}

let storage: AsyncLocalStorage<HandlerRequest> | undefined;

/**
 * Asks the adapters to say from now on for which request a handler works. Handlers pay for it only once somebody has asked.
 * @returns what tells the request at hand; `undefined` outside of handlers
 */
export function watchHandlers(): () => HandlerRequest | undefined {
  const store = (storage ??= new AsyncLocalStorage<HandlerRequest>());
  return () => store.getStore();
}

/** Whether anybody wants to know. */
export function handlersAreWatched(): boolean {
  return storage !== undefined;
}

/** Runs a handler's work: everything that follows from it, also later, knows the request. */
export function inHandler<T>(request: HandlerRequest, work: () => T): T {
  return storage === undefined ? work() : storage.run(request, work);
}
