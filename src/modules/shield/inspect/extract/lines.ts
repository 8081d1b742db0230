import type { BodyScan, ValueSink } from './sink.ts';
import { hasControls } from './textual.ts';

const LF = 10;

/**
 * A body that its reader answers while it comes: it is looked at line by line as it passes, and none of it is held back. The
 * piece that ends a line is shown before it is passed on.
 */
export class StreamedLines implements BodyScan {
  passing = false;
  readonly streams = true;
  readonly #maxLineBytes: number;
  readonly #isText: boolean;
  readonly #sink: ValueSink;
  readonly #read: (line: Buffer) => void;
  readonly #next: () => boolean;
  #line: Uint8Array[] = [];
  #bytes = 0;

  /**
   * @param maxLineBytes a longer line is a problem
   * @param isText otherwise control bytes tell that nobody reads it as text: the rest goes by
   * @param read looks at a line
   * @param next asked after each line: forgets what was seen of it, or says that it was enough
   */
  constructor(
    maxLineBytes: number,
    isText: boolean,
    sink: ValueSink,
    read: (line: Buffer) => void,
    next: () => boolean,
  ) {
    this.#maxLineBytes = maxLineBytes;
    this.#isText = isText;
    this.#sink = sink;
    this.#read = read;
    this.#next = next;
  }

  write(chunk: Uint8Array): boolean {
    if (this.passing) return false;
    if (!this.#isText && hasControls(chunk)) {
      this.#pass();
      return false;
    }
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      if (!this.#end()) return true;
    }
    this.#keep(chunk.subarray(from));
    if (this.#bytes <= this.#maxLineBytes) return false;
    this.#sink.problem('too-large');
    this.#pass();
    return true;
  }

  end(): void {
    if (!this.passing) this.#end();
  }

  #keep(piece: Uint8Array): void {
    this.#bytes += piece.length;
    // A copy, since few bytes would hold on to all that came with them.
    if (piece.length > 0 && this.#bytes <= this.#maxLineBytes) this.#line.push(Uint8Array.from(piece));
  }

  /** @returns whether to go on */
  #end(): boolean {
    if (this.#bytes > this.#maxLineBytes) this.#sink.problem('too-large');
    else if (this.#bytes > 0) this.#read(Buffer.concat(this.#line));
    this.#line = [];
    this.#bytes = 0;
    if (this.#next()) return true;
    this.#pass();
    return false;
  }

  #pass(): void {
    this.passing = true;
    this.#line = [];
  }
}
