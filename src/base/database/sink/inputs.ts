import { decodedBase64, decodedPercent, parsedJson } from './decode.ts';

/** Where a value came from. */
export type InputPlace = 'path' | 'query' | 'header' | 'cookie' | 'body';

/** One value that a caller chose. */
export interface RequestInput {
  readonly place: InputPlace;
  /** Name of the parameter, header, cookie or field. */
  readonly name: string;
  readonly value: string;
}

/** A request, as far as its values are read. Nothing is read before a statement asks. */
export interface RequestSource {
  /** Path and query as received. */
  readonly target: string;
  /** Names and values in turn. */
  rawHeaders(): readonly string[];
  /** The parsed body, once there is one: read again whenever another object stands there. */
  body?(): unknown;
  /** More of the body came than is at hand: such a request is never looked through whole. */
  isPartial?(): boolean;
}

/** The values of one request that could matter in a statement. */
export interface InputSet {
  readonly inputs: readonly RequestInput[];
  /** False when there were more values than are looked at. */
  readonly complete: boolean;
}

/** The values of one request, collected when they are first asked for. */
export interface RequestInputs {
  list(): InputSet;
  /** What all statements of the request together may still cost; each look takes from it. Default: every statement anew. */
  readonly work?: WorkLeft;
}

/** Characters that may still be compared. */
export interface WorkLeft {
  characters: number;
}

/** Characters of statements and values that are compared for one request: 32 Mi. */
export const MAX_REQUEST_WORK = 32 * 1024 * 1024;

/** Values kept of one request. */
export const MAX_INPUTS = 20_000;
/** Characters kept of one request, all values together: 4 Mi. */
export const MAX_INPUT_CHARACTERS = 4 * 1024 * 1024;
/** How often a value is unwrapped: percent, JSON and Base64 within each other. */
const MAX_LAYERS = 3;
const MAX_DEPTH = 40;

/** Reads a request's values lazily, once; the body again when another one stands there. */
export function requestInputs(source: RequestSource): RequestInputs {
  let known: InputSet | undefined;
  let knownBody: unknown;
  const work: WorkLeft = { characters: MAX_REQUEST_WORK };
  return {
    work,
    list() {
      if (work.characters <= 0) return SPENT;
      const body = source.body?.();
      if (known === undefined || body !== knownBody) {
        known = collect(source, body);
        knownBody = body;
        work.characters -= known.inputs.reduce((sum, { value }) => sum + value.length, 0);
      }
      return known;
    },
  };
}

const SPENT: InputSet = { inputs: [], complete: false };

function collect(source: RequestSource, body: unknown): InputSet {
  const all = new Collector();
  const mark = source.target.indexOf('?');
  const path = mark < 0 ? source.target : source.target.slice(0, mark);
  all.value('path', '', path);
  for (const segment of path.split('/', MAX_INPUTS)) all.value('path', '', segment);
  if (mark >= 0) pairs(all, 'query', source.target.slice(mark + 1), '&');
  const headers = source.rawHeaders();
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (name === 'cookie') pairs(all, 'cookie', headers[i + 1] as string, ';');
    else header(all, name, headers[i + 1] as string);
  }
  if (typeof body === 'string' && body.includes('=')) pairs(all, 'body', body, '&');
  leaves(all, body, '', 0, 0);
  if (source.isPartial?.() === true) all.complete = false;
  return { inputs: all.inputs, complete: all.complete };
}

function header(all: Collector, name: string, value: string): void {
  all.value('header', name, value);
  // A token's parts: what stands in the header of a JWT is chosen by the caller too.
  if (name === 'authorization') {
    for (const part of value.split(/[\s.:]/, 20)) all.value('header', name, part);
  }
}

/** `name=value` pairs; values of a name that comes several times also as some frameworks join them. */
function pairs(all: Collector, place: InputPlace, text: string, separator: string): void {
  const byName = new Map<string, string[]>();
  for (const pair of text.split(separator, MAX_INPUTS)) {
    const equals = pair.indexOf('=');
    const plain = place === 'cookie' ? pair.trim() : pair.replaceAll('+', ' ');
    const name = equals < 0 ? plain : plain.slice(0, plain.indexOf('='));
    const value = equals < 0 ? '' : plain.slice(plain.indexOf('=') + 1);
    all.value(place, name, name);
    all.value(place, name, value);
    if (plain !== pair) all.value(place, name, pair.slice(equals + 1));
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [value]);
    else same.push(value);
  }
  for (const [name, values] of byName) if (values.length > 1) all.value(place, name, values.join(','));
}

/** Names and values of everything in a body. */
function leaves(all: Collector, value: unknown, name: string, depth: number, layers: number): void {
  if (typeof value === 'string') all.value('body', name, value, layers);
  else if (typeof value === 'number' || typeof value === 'bigint')
    all.value('body', name, String(value), MAX_LAYERS);
  else if (ArrayBuffer.isView(value)) bytes(all, value, name, layers);
  else if (value instanceof Blob) file(all, value, name);
  else if (typeof value === 'object' && value !== null) {
    if (depth >= MAX_DEPTH) all.complete = false;
    else members(all, value, name, depth, layers);
  }
}

/** No character takes more bytes than three for each of its units: beyond that there is no need to decode. */
function bytes(all: Collector, value: ArrayBufferView, name: string, layers: number): void {
  if (value.byteLength > 3 * MAX_INPUT_CHARACTERS) all.complete = false;
  else
    all.value(
      'body',
      name,
      new TextDecoder().decode(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
      layers,
    );
}

/** Content of a file can only be read later; its name and type are values at once, and no keys of it. */
function file(all: Collector, value: Blob & { readonly name?: unknown }, name: string): void {
  if (typeof value.name === 'string') all.value('body', name, value.name);
  all.value('body', name, value.type);
}

function members(all: Collector, value: object, name: string, depth: number, layers: number): void {
  if (Symbol.iterator in value) {
    for (const item of value as Iterable<unknown>) {
      if (all.full) return;
      leaves(all, item, name, depth + 1, layers);
    }
    return;
  }
  for (const key of Object.keys(value)) {
    if (all.full) return;
    all.value('body', key, key, layers);
    leaves(all, (value as Record<string, unknown>)[key], key, depth + 1, layers);
  }
}

class Collector {
  readonly inputs: RequestInput[] = [];
  complete = true;
  readonly #known = new Set<string>();
  #characters = 0;

  get full(): boolean {
    return !this.complete;
  }

  /** Keeps a value and what it unwraps to, once each; values that are one word cannot do harm and are left out. */
  value(place: InputPlace, name: string, value: string, layers = 0): void {
    if (this.full || value === '' || this.#known.has(value)) return;
    if (!isWord(value)) {
      if (this.inputs.length >= MAX_INPUTS || this.#characters + value.length > MAX_INPUT_CHARACTERS) {
        this.complete = false;
        return;
      }
      this.#characters += value.length;
      this.#known.add(value);
      this.inputs.push({ place, name, value });
    }
    if (layers < MAX_LAYERS) this.#unwrap(place, name, value, layers + 1);
  }

  #unwrap(place: InputPlace, name: string, value: string, layers: number): void {
    const percent = decodedPercent(value);
    if (percent !== undefined) this.value(place, name, percent, layers);
    const json = parsedJson(value);
    if (json !== undefined) leaves(this, json, name, 0, layers);
    const base64 = decodedBase64(value);
    if (base64 !== undefined) this.value(place, name, base64, layers);
  }
}

/** Letters, digits and underscores only: stays within one token wherever it is put. */
function isWord(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    const inside =
      (code >= 97 && code <= 122) ||
      (code >= 48 && code <= 57) ||
      (code >= 65 && code <= 90) ||
      code === 95 ||
      code >= 128;
    if (!inside) return false;
  }
  return true;
}
