import type { IncomingMessage } from 'node:http';
import { type HandlerRequest, inHandler } from '../handler-scope.ts';
import { type KeptBytes, keptBytes } from './kept-bytes.ts';
import { MAX_KEPT_BODY, RawBody } from './raw-body.ts';

/** What a framework parsed a body to; `undefined` where it did not, or not yet. */
export type ParsedBody = () => unknown;

/** What following a request of node:http needs beside it. */
export interface FollowWay {
  readonly parsed: ParsedBody;
  /** Calls back once the request was answered or broken off. */
  readonly onEnd: (ended: () => void) => void;
  /** Default: the account of the process. */
  readonly kept?: KeptBytes;
}

/**
 * A request of node:http as its handler's work. Its events run as part of that work too: parsers of bodies call the
 * application back from them, where the context would otherwise be the connection's.
 */
export function followMessage(request: IncomingMessage, target: string, way: FollowWay): HandlerRequest {
  const raw = new RawBody(request.headers['content-type'] ?? '', way.kept ?? keptBytes);
  const body = new MessageBody(raw, way.parsed);
  const handler: HandlerRequest = {
    target,
    rawHeaders: () => request.rawHeaders,
    body: () => body.value(),
    isPartial: () => raw.isPartial(body.parsed() !== undefined),
  };
  const emit = request.emit.bind(request) as (event: string | symbol, ...rest: unknown[]) => boolean;
  let isRead = false;
  request.emit = (event: string | symbol, ...rest: unknown[]): boolean => {
    // Every way of reading a stream comes by here, also iteration and read().
    if (event === 'data') {
      raw.add(rest[0]);
      if (!isRead) way.onEnd(() => raw.release());
      isRead = true;
    }
    return inHandler(handler, () => emit(event, ...rest));
  };
  return handler;
}

/** A body as its framework parsed it, else as it was read; of a form both, since parsers keep names of files elsewhere. */
class MessageBody {
  readonly #raw: RawBody;
  readonly #ask: ParsedBody;
  #filled: unknown;
  #both: readonly [unknown, unknown] = [undefined, undefined];

  constructor(raw: RawBody, ask: ParsedBody) {
    this.#raw = raw;
    this.#ask = ask;
  }

  parsed(): unknown {
    const body = this.#ask();
    // Counting the keys of the same object once is enough.
    if (body === this.#filled) return body;
    this.#filled = filled(body);
    return this.#filled;
  }

  /** The same object until another was parsed or more was read. */
  value(): unknown {
    const parsed = this.parsed();
    if (!this.#raw.isForm) return parsed ?? this.#raw.text();
    const text = this.#raw.text();
    if (parsed === undefined || text === undefined) return parsed ?? text;
    if (this.#both[0] !== parsed || this.#both[1] !== text) this.#both = [parsed, text];
    return this.#both;
  }
}

/** Some parsers leave `{}` where the body was none of theirs. Lists and bytes are not asked for their keys: each is a text. */
function filled(body: unknown): unknown {
  if (body === null) return undefined;
  if (ArrayBuffer.isView(body)) return body.byteLength === 0 ? undefined : body;
  if (Array.isArray(body)) return body.length === 0 ? undefined : body;
  return typeof body === 'object' && Object.keys(body).length === 0 ? undefined : body;
}

const READERS = ['json', 'text', 'formData', 'arrayBuffer', 'bytes', 'blob'] as const;
type Reader = (typeof READERS)[number];

/** A Request of the Fetch standard as its handler's work: what its methods give to the application is kept as its body. */
export function followRequest(request: Request): HandlerRequest {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  let seen: unknown[] = [];
  let isPartial = false;
  const keep: Keep = (value, partial) => {
    seen = [...seen, value];
    isPartial ||= partial;
  };
  tap(request, keep);
  return {
    target: pathname + search,
    rawHeaders: () => [...request.headers].flat(),
    body: () => (seen.length === 1 ? seen[0] : seen),
    isPartial: () => isPartial,
  };
}

type Keep = (value: unknown, isPartial: boolean) => void;

function tap(request: Request, keep: Keep): void {
  for (const name of READERS) {
    const read = (request as Partial<Record<Reader, () => Promise<unknown>>>)[name];
    if (typeof read !== 'function') continue;
    define(request, name, async () => {
      const value = await read.call(request);
      await keepValue(value, request.headers.get('content-type') ?? '', keep);
      return value;
    });
  }
  const clone = request.clone.bind(request);
  define(request, 'clone', () => {
    const copy = clone();
    tap(copy, keep);
    return copy;
  });
}

function define(request: Request, name: string, value: unknown): void {
  Object.defineProperty(request, name, { value, configurable: true, writable: true });
}

/** What a reader gave, as it is looked through; bytes as the text that they are. */
async function keepValue(given: unknown, type: string, keep: Keep): Promise<void> {
  const raw = new RawBody(type);
  const bytes = await bytesOf(given, raw.isForm);
  if (bytes === undefined) {
    keep(given, false);
    return;
  }
  raw.add(bytes);
  // More of a form than this is not even copied.
  if (raw.isForm && given instanceof Blob && given.size > bytes.byteLength) raw.stop();
  keep(raw.text(), raw.isPartial(false));
}

/** @param isForm a text is one too */
async function bytesOf(given: unknown, isForm: boolean): Promise<Uint8Array | undefined> {
  // One byte more than is kept tells that there are more.
  if (given instanceof Blob) return new Uint8Array(await given.slice(0, MAX_KEPT_BODY + 1).arrayBuffer());
  if (given instanceof ArrayBuffer) return new Uint8Array(given);
  if (given instanceof Uint8Array) return given;
  return isForm && typeof given === 'string' ? Buffer.from(given) : undefined;
}
