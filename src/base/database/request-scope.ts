import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What the statements of one request share. */
export interface RequestScope {
  /** How often each shape of a statement was asked in this request. */
  readonly shapes: Map<string, number>;
  /** Number of the last write of this request by the router's count; 0 for none. */
  lastWrite: number;
}

const scopes = new AsyncLocalStorage<RequestScope>();
const HTTP_START = 'http.server.request.start';
let watchers = 0;

/** The request that the caller works for; `undefined` outside of any. */
export function currentRequest(): RequestScope | undefined {
  return scopes.getStore();
}

/** Runs `work` as one request: for queue workers, tests, and servers that are not Node's `http`. */
export function asRequest<T>(work: () => T): T {
  return scopes.run(newScope(), work);
}

function newScope(): RequestScope {
  return { shapes: new Map(), lastWrite: 0 };
}

/** Node tells of every request of every `http` server before its handler runs, in the request's own async context. */
function enter(): void {
  scopes.enterWith(newScope());
}

/** Gives each request of this process's `http` servers a scope. @returns what stops it */
export function watchHttpRequests(): () => void {
  watchers += 1;
  if (watchers === 1) subscribe(HTTP_START, enter);
  let watching = true;
  return () => {
    if (!watching) return;
    watching = false;
    watchers -= 1;
    if (watchers === 0) unsubscribe(HTTP_START, enter);
  };
}
