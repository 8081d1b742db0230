import { OutgoingMessage, ServerResponse, validateHeaderValue } from 'node:http';
import type { RequestContext } from '../context.ts';
import { HeaderList, lowerName } from './header-list.ts';
import type { HeaderValue } from './headers.ts';
import { type Carried, EXCHANGE, type Watched } from './node-watch.ts';

/** Where a response of node:http keeps its headers; `undefined` where that cannot be told. */
const STORE = findStore();

function findStore(): symbol | undefined {
  const message = new OutgoingMessage();
  message.setHeader('x', '1');
  const found = Object.getOwnPropertySymbols(message).find((one) => one.description === 'kOutHeaders');
  if (found === undefined) return undefined;
  (message as unknown as Stored)[found] = null;
  return message.hasHeader('x') ? undefined : found;
}
interface Stored {
  [store: symbol]: unknown;
}

/** What node:http itself does. */
const native = ServerResponse.prototype;

/**
 * Whether the headers of a response can be kept in a list of ours: it must be node:http's own, with nobody's `writeHead`
 * beneath ours that would look for them where node:http has them.
 */
export function canKeep(response: ServerResponse): boolean {
  return (
    STORE !== undefined && response.writeHead === native.writeHead && response.setHeader === native.setHeader
  );
}

/**
 * Makes the list of a response's headers, the house's in it. What was set before the guard is in it, too.
 * @param before whether that goes before the house's own
 */
export function listFor(response: ServerResponse, context: RequestContext, before: boolean): HeaderList {
  const list = new HeaderList(context);
  const stored = response as unknown as Stored;
  const store = STORE as symbol;
  if (stored[store] === null) return list;
  for (const name of (native as unknown as HeaderMethods).getRawHeaderNames.call(response)) {
    const lower = name.toLowerCase();
    if (before || list.get(lower) === undefined)
      list.set(lower, name, native.getHeader.call(response, name) as HeaderValue);
  }
  stored[store] = null;
  return list;
}

/** Leads a response's methods to its list. They are shared functions, so that a request costs no closures. */
export function keepHeaders(response: ServerResponse): void {
  const kept = response as unknown as HeaderMethods;
  kept.setHeader = METHODS.setHeader;
  kept.getHeader = METHODS.getHeader;
  kept.hasHeader = METHODS.hasHeader;
  kept.removeHeader = METHODS.removeHeader;
  kept.appendHeader = METHODS.appendHeader;
  kept.getHeaderNames = METHODS.getHeaderNames;
  kept.getRawHeaderNames = METHODS.getRawHeaderNames;
  kept.getHeaders = METHODS.getHeaders;
}

function listOf(response: ServerResponse): HeaderList {
  return ((response as Carried)[EXCHANGE] as Watched).list as HeaderList;
}

/** Removing these tells node:http not to add them by itself. */
const FLAGGED: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'date']);

/** The methods of a response that concern its headers; `setHeaders` comes down to these. */
interface HeaderMethods {
  setHeader: (this: ServerResponse, name: string, value: HeaderValue) => ServerResponse;
  appendHeader: (this: ServerResponse, name: string, value: string | readonly string[]) => ServerResponse;
  getHeader: (this: ServerResponse, name: string) => HeaderValue | undefined;
  hasHeader: (this: ServerResponse, name: string) => boolean;
  removeHeader: (this: ServerResponse, name: string) => void;
  getHeaderNames: (this: ServerResponse) => string[];
  getRawHeaderNames: (this: ServerResponse) => string[];
  getHeaders: (this: ServerResponse) => Record<string, HeaderValue>;
}

const METHODS: HeaderMethods = {
  setHeader: function setHeader(name: string, value: HeaderValue) {
    // Too late, or no text: node:http has the words for it.
    if (this.headersSent || typeof name !== 'string') return native.setHeader.call(this, name, value);
    const lower = lowerName(name);
    validateHeaderValue(name, value as string);
    listOf(this).set(lower, name, value);
    return this;
  },
  appendHeader: function appendHeader(name: string, value: string | readonly string[]) {
    if (this.headersSent || typeof name !== 'string') return native.appendHeader.call(this, name, value);
    const lower = lowerName(name);
    validateHeaderValue(name, value as string);
    listOf(this).append(lower, name, value);
    return this;
  },
  getHeader: function getHeader(name: string) {
    return typeof name === 'string'
      ? listOf(this).get(name.toLowerCase())
      : (native.getHeader.call(this, name) as undefined);
  },
  hasHeader: function hasHeader(name: string) {
    return typeof name === 'string'
      ? listOf(this).get(name.toLowerCase()) !== undefined
      : native.hasHeader.call(this, name);
  },
  removeHeader: function removeHeader(name: string) {
    if (this.headersSent || typeof name !== 'string') return native.removeHeader.call(this, name);
    const lower = name.toLowerCase();
    if (FLAGGED.has(lower)) native.removeHeader.call(this, lower);
    return listOf(this).remove(lower);
  },
  getHeaderNames: function getHeaderNames() {
    return METHODS.getRawHeaderNames.call(this).map((name) => name.toLowerCase());
  },
  getRawHeaderNames: function getRawHeaderNames() {
    return listOf(this)
      .entries()
      .filter((_text, i) => i % 2 === 0) as string[];
  },
  getHeaders: function getHeaders() {
    const entries = listOf(this).entries();
    const out = Object.create(null) as Record<string, HeaderValue>;
    for (let i = 0; i < entries.length; i += 2)
      out[(entries[i] as string).toLowerCase()] = entries[i + 1] as HeaderValue;
    return out;
  },
};
