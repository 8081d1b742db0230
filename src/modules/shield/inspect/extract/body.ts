import { gateValue } from '../gate/gate.ts';
import {
  bodyKind,
  type BodyKind,
  guessKind,
  mediaType,
  namesCharset,
  readTexts,
  streamKind,
} from './content.ts';
import { isGraphqlPath, looksLikeGraphql, scanGraphql } from './graphql.ts';
import { inflate } from './inflate.ts';
import { type JsonBounds, scanJsonBytes } from './json.ts';
import { StreamedLines } from './lines.ts';
import { type MultipartBounds, MultipartScan } from './multipart.ts';
import { FORM, scanPairs } from './pairs.ts';
import { boundaryOf } from './part-head.ts';
import { OpaqueBody } from './opaque.ts';
import { reportSink } from './reports.ts';
import type { BodyScan, ValueSink } from './sink.ts';
import { hasControls, textRuns } from './textual.ts';
import { scanXml } from './xml.ts';

/** What is known of a body before it comes. */
export interface BodyHead {
  readonly type: string | undefined;
  readonly encoding: string | undefined;
  /** Path and query as received. */
  readonly target: string;
}

/** Bounds of a body. */
export interface BodyBounds extends JsonBounds {
  readonly maxBodyBytes: number;
}

/**
 * Starts to read a body.
 * @param next asked after each line of a stream: forgets what was seen of it, or says that it was enough
 */
export function scanBody(
  head: BodyHead,
  bounds: BodyBounds,
  sink: ValueSink,
  next: () => boolean = () => true,
): BodyScan {
  const stream = head.type === undefined ? undefined : streamKind(head.type);
  if (stream !== undefined && isPlain(head)) {
    const read = (line: Buffer): void => {
      const scan = new WholeBody('unknown', { ...head, type: undefined, encoding: undefined }, bounds, sink);
      scan.write(stream === 'events' ? withoutField(line) : line);
      scan.end();
    };
    return new StreamedLines(bounds.maxBodyBytes, stream !== 'binary', sink, read, next);
  }
  const kind = bodyKind(head.type);
  if (kind === 'none') {
    const type = mediaType(head.type as string);
    const untyped = { ...head, type: undefined, encoding: undefined };
    const read = (as: BodyKind): BodyScan => new WholeBody(as, untyped, bounds, reportSink(type, sink));
    return new OpaqueBody(type, bounds.maxBodyBytes, read);
  }
  if (kind === 'multipart' && isPlain(head)) {
    const boundary = boundaryOf(head.type as string);
    return boundary === null
      ? new Unreadable(sink)
      : new StreamedBody(boundary, multipartBounds(bounds), sink);
  }
  return new WholeBody(kind, head, bounds, sink);
}

function isPlain({ encoding }: BodyHead): boolean {
  return encoding === undefined || encoding === 'identity';
}

/** `data: {…}` is what stands behind the name of its field. */
function withoutField(line: Buffer): Buffer {
  const name = /^[a-z]{1,10}: ?/.exec(line.toString('latin1', 0, 16))?.[0] ?? '';
  return line.subarray(name.length);
}

function multipartBounds(bounds: BodyBounds): MultipartBounds {
  return { ...bounds, maxFieldBytes: bounds.maxBodyBytes };
}

/** A body of which nobody can say how the application will read it. */
class Unreadable implements BodyScan {
  readonly passing = false;
  readonly #sink: ValueSink;

  constructor(sink: ValueSink) {
    this.#sink = sink;
  }

  write(): boolean {
    this.#sink.problem('malformed');
    return true;
  }

  end(): void {}
}

/** A multipart body, whose files may be of any size. */
class StreamedBody implements BodyScan {
  readonly passing = false;
  readonly #scan: MultipartScan;

  constructor(boundary: string, bounds: MultipartBounds, sink: ValueSink) {
    this.#scan = new MultipartScan(boundary, bounds, sink);
  }

  write(chunk: Uint8Array): boolean {
    this.#scan.write(bufferOf(chunk));
    return true;
  }

  end(): void {
    this.#scan.end();
  }
}

/** A body that is read once it is whole. */
class WholeBody implements BodyScan {
  readonly passing = false;
  readonly #kind: BodyKind;
  readonly #head: BodyHead;
  readonly #bounds: BodyBounds;
  readonly #sink: ValueSink;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(kind: BodyKind, head: BodyHead, bounds: BodyBounds, sink: ValueSink) {
    this.#kind = kind;
    this.#head = head;
    this.#bounds = bounds;
    this.#sink = sink;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bounds.maxBodyBytes) {
      this.#chunks.length = 0;
      this.#sink.problem('too-large');
      return true;
    }
    this.#chunks.push(chunk);
    return false;
  }

  end(): void {
    if (this.#bytes === 0) return;
    const [first] = this.#chunks;
    const raw = this.#chunks.length === 1 ? bufferOf(first as Uint8Array) : Buffer.concat(this.#chunks);
    const { encoding } = this.#head;
    const inflated = encoding === undefined ? undefined : inflate(raw, encoding, this.#bounds.maxBodyBytes);
    if (inflated?.ok === false) {
      this.#sink.problem(inflated.tooLarge ? 'too-large' : 'bad-encoding');
      return;
    }
    this.#read(inflated?.bytes ?? raw);
    if (inflated !== undefined && inflated.bytes !== raw) this.#compressed(raw);
  }

  #read(bytes: Buffer): void {
    if (this.#kind === 'multipart') return this.#multipart(bytes);
    // As nearly all JSON comes, there is one text in it, which need not be made.
    if (this.#kind === 'json' && isJsonStart(bytes[0]) && !namesCharset(this.#head.type))
      return this.#jsonBytes(bytes);
    const texts = readTexts(bytes, this.#head.type);
    if (texts === undefined) this.#sink.problem('bad-encoding');
    else for (const text of texts) this.#text(text);
  }

  /** Compressed bytes as an application reads them that knows of no compression: text may be hidden in them. */
  #compressed(raw: Buffer): void {
    if (this.#kind === 'multipart' || !hasControls(raw)) this.#read(raw);
    else if (this.#kind === 'form') for (const run of textRuns(raw)) if (run.includes('=')) this.#text(run);
  }

  #multipart(bytes: Buffer): void {
    const boundary = boundaryOf(this.#head.type as string);
    if (boundary === null) {
      this.#sink.problem('malformed');
      return;
    }
    const scan = new MultipartScan(boundary, multipartBounds(this.#bounds), this.#sink);
    scan.write(bytes);
    scan.end();
  }

  #text(text: string): void {
    const kind = this.#kind === 'unknown' || this.#kind === 'text' ? guessKind(text) : this.#kind;
    switch (kind) {
      case 'json':
        this.#json(text);
        return;
      case 'form':
        scanPairs(text, 0, text.length, { ...FORM, maxPairs: this.#bounds.maxValues }, 'form', this.#sink);
        // A text that only looked like a form is a text as well.
        if (this.#kind !== 'form') this.#plain(text);
        return;
      case 'xml':
        scanXml(text, this.#sink);
        return;
      case 'graphql':
        scanGraphql(text, 'query', this.#sink);
        // Some servers take JSON under this type.
        if (guessKind(text) === 'json' && !looksLikeGraphql(text)) this.#json(text);
        return;
      case 'multipart':
      case 'none':
      case 'text':
        this.#plain(text);
    }
  }

  #plain(text: string): void {
    if (gateValue(text)) this.#sink.suspect(text, 'text', '');
  }

  #json(text: string): void {
    this.#jsonBytes(Buffer.from(text));
    // What is no JSON text at all has no strings to look at.
    if (guessKind(text) !== 'json') this.#plain(text);
  }

  #jsonBytes(bytes: Buffer): void {
    const graphql = isGraphqlPath(this.#head.target);
    const sink = this.#sink;
    const take = (value: string, name: string): boolean => {
      if (name !== 'query' || !looksLikeGraphql(value)) return false;
      scanGraphql(value, name, sink);
      return true;
    };
    scanJsonBytes(bytes, this.#bounds, { place: 'json', name: '', ...(graphql ? { take } : {}) }, sink);
  }
}

function isJsonStart(byte: number | undefined): boolean {
  return byte === 123 || byte === 91;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
