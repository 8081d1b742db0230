import type { BodyScan } from './sink.ts';
import { hasControls } from './textual.ts';

/** Characters that say how a body is read, behind the blanks that it begins with. */
const START = 128;
const BOM = '\u00EF\u00BB\u00BF';
/** As long as what tells a page: `<!doctype html>`. */
const TAG = 15;
const NAME = /^[\w.[\]%-]{1,63}=/;
const NAME_SO_FAR = /^[\w.[\]%-]{0,63}$/;

type ReadAs = 'json' | 'form' | 'xml';

/**
 * A body of a type that nobody reads as values: a file, a stream. Applications that ignore the type read one all the same,
 * so that it is looked at as what it begins with, as long as it is text and within the bound. Anything else is let go with
 * its first bytes, and keeps nothing.
 */
export class OpaqueBody implements BodyScan {
  passing = false;
  readonly #type: string;
  readonly #maxBytes: number;
  readonly #read: (kind: ReadAs) => BodyScan;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #start = '';
  #kind: ReadAs | undefined;

  /**
   * @param type the media type
   * @param read starts to read a text
   */
  constructor(type: string, maxBytes: number, read: (kind: ReadAs) => BodyScan) {
    this.#type = type;
    this.#maxBytes = maxBytes;
    this.#read = read;
  }

  write(chunk: Uint8Array): boolean {
    if (this.passing) return false;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes || hasControls(chunk) || this.#isOther(chunk)) {
      this.passing = true;
      this.#chunks = [];
    } else this.#chunks.push(chunk);
    return false;
  }

  end(): void {
    if (this.passing) return;
    const kind = this.#kind ?? kindOfStart(this.#start.padEnd(TAG), this.#type);
    if (kind === undefined || kind === 'other') return;
    const scan = this.#read(kind);
    for (const chunk of this.#chunks) scan.write(chunk);
    scan.end();
  }

  /** Whether the body begins like nothing that is read. */
  #isOther(chunk: Uint8Array): boolean {
    if (this.#kind !== undefined) return false;
    let from = 0;
    if (this.#start === '') while (isBlank(chunk[from])) from++;
    const more = Buffer.from(chunk.subarray(from, from + START)).toString('latin1');
    this.#start = (this.#start + more).slice(0, START);
    const kind = kindOfStart(this.#start, this.#type);
    if (kind !== 'other') this.#kind = kind;
    return kind === 'other';
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}

/** @returns undefined while too little of it is there */
function kindOfStart(received: string, type: string): ReadAs | 'other' | undefined {
  if (BOM.startsWith(received)) return undefined;
  const start = (received.startsWith(BOM) ? received.slice(BOM.length) : received).trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return 'json';
  if (start.startsWith('<') && start.length < TAG) return undefined;
  // Pages and drawings are files; as XML they would be full of scripts.
  if (start.startsWith('<'))
    return type === 'image/svg+xml' || /^<(?:!doctype\s+html|html|svg)\b/i.test(start) ? 'other' : 'xml';
  if (NAME.test(start)) return 'form';
  return NAME_SO_FAR.test(start) ? undefined : 'other';
}
