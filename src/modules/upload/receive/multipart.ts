import { refusedAs } from '../errors.ts';
import { type PartHead, readPartHead } from './part.ts';

/** One part; its body must be read to the end before the next part is asked for. */
export interface Part {
  readonly head: PartHead;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Bytes that may stand before the first boundary and after the last one; browsers write none. */
const MAX_AROUND_BYTES = 1_024;
const DASH = 45;

/**
 * The boundary of a `multipart/form-data` content type.
 * @throws UploadRefused when it is missing or not of RFC 2046 (1 to 70 characters)
 */
export function boundaryOf(parameters: ReadonlyMap<string, string>): string {
  const boundary = parameters.get('boundary');
  if (boundary === undefined || !/^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/.test(boundary))
    throw refusedAs('malformed', 'boundary', 'There is no boundary of 1 to 70 characters.');
  return boundary;
}

/**
 * Splits a body at its boundary (RFC 2046 5.1.1), strictly: lines end with CR LF, the last boundary must be there, and
 * little may stand around. Holds one chunk and one boundary at most, and the headers of one part.
 */
export class MultipartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  readonly #maxHeaderBytes: number;
  /** Begins with a line end that is not there, so that the first boundary is like the others. */
  #buffer: Buffer = Buffer.from('\r\n');
  #over = false;

  constructor(source: AsyncIterable<Uint8Array>, boundary: string, maxHeaderBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#maxHeaderBytes = maxHeaderBytes;
  }

  /** Goes through the parts. @throws UploadRefused */
  async *parts(): AsyncGenerator<Part, void, undefined> {
    await this.#preamble();
    while (await this.#begins()) {
      const head = readPartHead(await this.#headers());
      yield { head, body: this.#body() };
    }
    await this.#epilogue();
  }

  /** Adds the next chunk. @throws UploadRefused where the body is over */
  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw refusedAs('malformed', 'truncated', 'The body ends before its last boundary.');
    this.#buffer = this.#buffer.byteLength === 0 ? view(value) : Buffer.concat([this.#buffer, view(value)]);
  }

  async #preamble(): Promise<void> {
    let at = this.#buffer.indexOf(this.#delimiter);
    while (at < 0) {
      if (this.#buffer.byteLength > MAX_AROUND_BYTES + this.#delimiter.byteLength)
        throw refusedAs('malformed', 'no_boundary', 'The body does not begin with its boundary.');
      await this.#more();
      at = this.#buffer.indexOf(this.#delimiter);
    }
    if (at > MAX_AROUND_BYTES)
      throw refusedAs('malformed', 'no_boundary', 'The body does not begin with its boundary.');
    this.#buffer = this.#buffer.subarray(at + this.#delimiter.byteLength);
  }

  /** After a boundary: a line end, and a part begins; or two dashes, and all is over. */
  async #begins(): Promise<boolean> {
    while (this.#buffer.byteLength < 2) await this.#more();
    const [first, second] = this.#buffer;
    if (first === DASH && second === DASH) {
      this.#buffer = this.#buffer.subarray(2);
      return false;
    }
    if (first !== 13 || second !== 10)
      throw refusedAs('malformed', 'after_boundary', 'Something stands on the line of a boundary.');
    this.#buffer = this.#buffer.subarray(2);
    return true;
  }

  async #headers(): Promise<Buffer> {
    let from = 0;
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n', from);
      if (end > this.#maxHeaderBytes || (end < 0 && this.#buffer.byteLength > this.#maxHeaderBytes + 4))
        throw refusedAs('tooLarge', 'headers', 'The headers of a part are too long.');
      if (end >= 0) {
        const found = this.#buffer.subarray(0, end);
        this.#buffer = this.#buffer.subarray(end + 4);
        // The line end may be that of an empty body's boundary, too.
        this.#buffer = Buffer.concat([Buffer.from('\r\n'), this.#buffer]);
        return found;
      }
      from = Math.max(0, this.#buffer.byteLength - 3);
      await this.#more();
    }
  }

  async *#body(): AsyncGenerator<Uint8Array, void, undefined> {
    // The line end before the body, see #headers.
    let skip = 2;
    for (;;) {
      const at = this.#buffer.indexOf(this.#delimiter);
      const safe = at >= 0 ? at : Math.max(0, this.#buffer.byteLength - this.#delimiter.byteLength + 1);
      const chunk = this.#buffer.subarray(Math.min(skip, safe), safe);
      skip = Math.max(0, skip - safe);
      this.#buffer = this.#buffer.subarray(at >= 0 ? at + this.#delimiter.byteLength : safe);
      if (chunk.byteLength > 0) yield chunk;
      if (at >= 0) return;
      await this.#more();
    }
  }

  async #epilogue(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    let bytes = this.#buffer.byteLength;
    for (;;) {
      if (bytes > MAX_AROUND_BYTES)
        throw refusedAs('malformed', 'epilogue', 'Something follows the last boundary.');
      const { done, value } = await this.#source.next();
      if (done === true) return;
      bytes += value.byteLength;
    }
  }
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
