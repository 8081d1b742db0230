import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** How far a request or session must be able to see. */
export interface WriteMark {
  /** Number of the first sample of the primary's position that began after its last write; 0 for none. */
  sample: number;
  /** Position that another node handed on; `undefined` for none. */
  position?: bigint;
}

/** What the statements of one request share. */
export interface RequestScope {
  /** How often each shape of a statement was asked in this request. */
  readonly shapes: Map<string, number>;
  /** The request's own mark, and those of sessions that it works for. */
  readonly marks: readonly WriteMark[];
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

/** Runs `work` so that its writes and reads also go by `mark`. */
export function withMark<T>(mark: WriteMark, work: () => T): T {
  const around = scopes.getStore() ?? newScope();
  if (around.marks.includes(mark)) return work();
  return scopes.run({ shapes: around.shapes, marks: [...around.marks, mark] }, work);
}

function newScope(): RequestScope {
  return { shapes: new Map(), marks: [{ sample: 0 }] };
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
