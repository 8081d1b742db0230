import { FormParts } from './form-parts.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { KeptBytes } from './kept-bytes.ts';

/** Bytes of a body that are kept for whoever looks at the values of a request: 4 MiB. */
export const MAX_KEPT_BODY = 4 * 1024 * 1024;
/** Bytes of a body that is a file: 1 MiB, so that a look at it stays cheap. */
export const MAX_KEPT_FILE = 1024 * 1024;
/** Bodies of other types are files: their beginning is enough. */
const HOLDS_VALUES =
  /^\s*(?:$|text\/|application\/(?:.*\+)?(?:json|xml|graphql|x-www-form-urlencoded|x-ndjson))/i;

/** The bytes of a body that an application has read, as far as they are kept. */
export class RawBody {
  readonly #all: KeptBytes | undefined;
  readonly #form: FormParts | undefined;
  readonly #plain = new GrowingBytes();
  readonly #holdsValues: boolean;
  #text: unknown;
  #isEmpty = true;
  #cut = false;
  #counted = 0;
  #released = false;

  /** @param all the process's account of kept bytes */
  constructor(type: string, all?: KeptBytes) {
    const boundary = boundaryOf(type);
    this.#form = boundary === undefined ? undefined : new FormParts(boundary);
    this.#holdsValues = HOLDS_VALUES.test(type);
    this.#all = all;
  }

  get isForm(): boolean {
    return this.#form !== undefined;
  }

  /** @param isParsed the values, names of files apart, are known from elsewhere */
  isPartial(isParsed: boolean): boolean {
    if (this.#form !== undefined) return this.#form.lostParts || (!isParsed && this.#form.lostFields);
    return this.#cut && !isParsed;
  }

  add(chunk: unknown): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) return;
    this.#isEmpty = false;
    this.#text = undefined;
    if (this.#all?.isFull === true) this.stop();
    else if (this.#form !== undefined) this.#form.add(bytes);
    else this.#addPlain(bytes);
    this.#count();
  }

  /** Keeps nothing more: what comes now is not known. */
  stop(): void {
    this.#cut = true;
    this.#form?.stop();
  }

  /** The same object until more was read. */
  text(): unknown {
    if (!this.#isEmpty) this.#text ??= this.#form?.texts() ?? this.#plain.text();
    return this.#text;
  }

  /** The request is over: its bytes no longer count. */
  release(): void {
    this.#released = true;
    this.#all?.add(-this.#counted);
    this.#counted = 0;
  }

  #addPlain(bytes: Uint8Array): void {
    if (this.#cut) return;
    const room = (this.#holdsValues ? MAX_KEPT_BODY : MAX_KEPT_FILE) - this.#plain.byteLength;
    if (bytes.byteLength > room && this.#holdsValues) this.#cut = true;
    this.#plain.add(bytes.subarray(0, room));
  }

  #count(): void {
    if (this.#released) return;
    const bytes = this.#form?.keptBytes ?? this.#plain.byteLength;
    this.#all?.add(bytes - this.#counted);
    this.#counted = bytes;
  }
}

function boundaryOf(type: string): string | undefined {
  const found = /^\s*multipart\/.*;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(type);
  return found?.[1] ?? found?.[2];
}
