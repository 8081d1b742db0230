import { connect, type Socket } from 'node:net';
import type { Timers } from '../../../core/clock.ts';
import type { FileReading } from '../../../ports/files.ts';
import type { ReadScanOptions } from '../options.ts';
import type { Scanner, ScanVerdict } from './scanner.ts';

/** What the client stands on. */
export interface ClamdPorts {
  readonly timers: Timers;
  /** Opens a connection; default node:net's. */
  readonly connect?: (target: ReadScanOptions['target']) => Socket;
}

const MAX_REPLY_BYTES = 4_096;

/** A connection that is cut while a file is sent takes an answer with it that nobody has read yet: so often it is asked. */
const MOST_TRIES = 3;

/**
 * A client of clamd's INSTREAM: one connection per file, `zINSTREAM`, chunks with their lengths, a length of zero, one line
 * back. The scanner's word is believed only in its own form; silence, cuts and garbage are a scanner that is down. One that
 * has heard enough answers and closes while the file is still on its way: it is asked again, within the same time.
 */
export function clamd(options: ReadScanOptions, ports: ClamdPorts): Scanner {
  return {
    async scan(file) {
      if (file.bytes > options.maxBytes) return { kind: 'too-large' };
      let scan = new Scan(file, options, ports);
      const cancel = ports.timers.after(options.withinMs, () => scan.end(down('it took too long')));
      try {
        for (let tries = 1; ; tries++) {
          const verdict = await scan.verdict;
          if (!scan.isCut || tries === MOST_TRIES) return verdict;
          scan = new Scan(file, options, ports);
        }
      } finally {
        cancel();
      }
    },
  };
}

class Scan {
  readonly verdict: Promise<ScanVerdict>;
  /** Whether the connection broke while it was written to. */
  isCut = false;
  readonly #socket: Socket;
  #settle: (verdict: ScanVerdict) => void = () => undefined;
  #reply = '';
  #over = false;

  constructor(file: Pick<FileReading, 'stream'>, options: ReadScanOptions, ports: ClamdPorts) {
    this.verdict = new Promise((resolve) => (this.#settle = resolve));
    this.#socket = (ports.connect ?? connect)(options.target);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
    this.#socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#socket.on('close', () => this.end(readReply(this.#reply)));
    this.#send(file).catch(() => this.end(down('the file could not be sent')));
  }

  #fail({ code, syscall }: NodeJS.ErrnoException): void {
    if (this.#over) return;
    this.isCut = syscall !== 'connect' && (code === 'EPIPE' || code === 'ECONNRESET');
    this.end(down(code ?? 'it cannot be reached'));
  }

  #hear(chunk: Buffer): void {
    this.#reply += chunk.toString('latin1');
    // Replies end with NUL, since the command began with `z`.
    const end = this.#reply.indexOf('\u0000');
    if (end >= 0) this.end(readReply(this.#reply.slice(0, end)));
    else if (this.#reply.length > MAX_REPLY_BYTES) this.end(down('its reply does not end'));
  }

  async #send(file: Pick<FileReading, 'stream'>): Promise<void> {
    await this.#write(Buffer.from('zINSTREAM\u0000'));
    for await (const chunk of file.stream()) {
      if (this.#over) return;
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32BE(chunk.byteLength);
      await this.#write(length);
      await this.#write(chunk);
    }
    if (!this.#over) await this.#write(Buffer.alloc(4));
  }

  /** Waits where the scanner is slower than the disk. A cut connection ends the wait too. */
  #write(bytes: Uint8Array): Promise<void> {
    if (this.#over || this.#socket.write(bytes)) return Promise.resolve();
    return new Promise((go) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        go();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  end(verdict: ScanVerdict): void {
    if (this.#over) return;
    this.#over = true;
    this.#settle(verdict);
    this.#socket.destroy();
  }
}

/** Reads a reply without its NUL: `stream: OK`, `stream: NAME FOUND`, or an error. */
export function readReply(reply: string): ScanVerdict {
  const line = reply.trimEnd();
  if (line === 'stream: OK') return { kind: 'clean' };
  const found = /^stream: ([\x21-\x7e]{1,200})(?: \([0-9a-f:]{1,80}\))? FOUND$/.exec(line);
  if (found) return { kind: 'infected', signature: found[1] as string };
  if (/^INSTREAM size limit exceeded\b/.test(line)) return { kind: 'too-large' };
  return down(line === '' ? 'it said nothing' : 'it answered something else');
}

function down(why: string): ScanVerdict {
  return { kind: 'down', why };
}
