import type * as age from 'age-encryption';
import { Readable } from 'node:stream';
import { RampartError } from '../../core/errors.ts';
import type { FileReading, FileStore, FileZone, StagedFile } from '../../ports/files.ts';
import type { SecretBox } from './box.ts';

/** Keeps the sealed key of each file, apart from the file. */
export interface FileKeys {
  /** Rejects where there is one of that id already: it must never be replaced. */
  add(id: string, sealed: string): Promise<void>;
  find(id: string): Promise<string | undefined>;
  /** From then on the file is noise, wherever copies of it lie. */
  remove(id: string): Promise<void>;
}

/** What sealed files stand on. */
export interface SealedFileParts {
  readonly box: SecretBox;
  readonly keys: FileKeys;
}

/** The context that the key of a file is sealed with. */
export const fileKeyContext = (id: string): string => `rampart.file_keys ${id}`;

type Age = typeof age;

/** What age decrypts. */
interface Plain extends AsyncIterable<Uint8Array> {
  /** @param sealedBytes of the whole encrypted file */
  size(sealedBytes: number): number;
  cancel(): Promise<void>;
}

const STANZA = 'rampart.dev/file';
/** Where files lie encrypted: what waits for a scan, and what was found to be infected. */
const SEALED: readonly FileZone[] = ['held', 'quarantine'];

/**
 * A store whose files in `held` and `quarantine` are encrypted, so that no other program of the machine reads or runs them:
 * in the format of age (ChaCha20-Poly1305 in pieces of 64 KiB, whose order and end are authenticated), each with a key of its
 * own that is sealed with the box and kept apart. A file opens under its own id alone. What is kept lies as it is.
 */
export async function sealedFiles(store: FileStore, parts: SealedFileParts): Promise<FileStore> {
  return new SealedFiles(store, parts, await import('age-encryption'));
}

class SealedFiles implements FileStore {
  readonly #store: FileStore;
  readonly #parts: SealedFileParts;
  readonly #age: Age;

  constructor(store: FileStore, parts: SealedFileParts, age: Age) {
    this.#store = store;
    this.#parts = parts;
    this.#age = age;
  }

  async stage(): Promise<StagedFile> {
    const staged = await this.#store.stage();
    let sealed: Promise<FileReading> | undefined;
    return {
      write: (chunk) => staged.write(chunk),
      seal: () => (sealed ??= staged.seal()),
      discard: () => staged.discard(),
      keep: async (zone, key) => {
        if (!isSealed(zone)) return staged.keep(zone, key);
        const plain = await (sealed ??= staged.seal());
        await this.#encrypt(plain, zone, key);
        await staged.discard();
      },
    };
  }

  async open(zone: FileZone, key: string): Promise<FileReading | undefined> {
    const file = await this.#store.open(zone, key);
    if (file === undefined || !isSealed(zone)) return file;
    try {
      return await this.#decrypted(file, key);
    } catch (error) {
      await file.close();
      // Its key goes before the file does, where somebody moves or removes it at this moment.
      const still = await this.#store.open(zone, key);
      await still?.close();
      if (still === undefined) return undefined;
      throw error;
    }
  }

  async move(from: FileZone, key: string, to: FileZone): Promise<boolean> {
    if (isSealed(from) === isSealed(to)) return this.#store.move(from, key, to);
    const file = await this.open(from, key);
    if (file === undefined) return false;
    try {
      if (isSealed(to)) await this.#encrypt(file, to, key);
      else await this.#copy(file.stream(), to, key);
    } catch (error) {
      // Somebody else moved it at the same time, or ended before it was gone from here.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await file.close();
    }
    return isSealed(to) ? this.#store.remove(from, key) : this.remove(from, key);
  }

  async remove(zone: FileZone, key: string): Promise<boolean> {
    // The key goes first: from then on it does not matter what becomes of the bytes.
    if (isSealed(zone)) await this.#parts.keys.remove(key);
    return this.#store.remove(zone, key);
  }

  sweep(olderThanMs: number): Promise<number> {
    return this.#store.sweep(olderThanMs);
  }

  async #encrypt(plain: FileReading, zone: FileZone, key: string): Promise<void> {
    const { box, keys } = this.#parts;
    const encrypter = new this.#age.Encrypter();
    let sealed = '';
    encrypter.addRecipient({
      wrapFileKey: (fileKey) => {
        sealed = box.seal(fileKey, fileKeyContext(key));
        return [new this.#age.Stanza([STANZA, key], new Uint8Array())];
      },
    });
    const stream = await encrypter.encrypt(webStream(plain.stream()));
    await keys.add(key, sealed);
    try {
      await this.#copy(stream, zone, key);
    } catch (error) {
      await keys.remove(key);
      throw error;
    }
  }

  async #copy(from: AsyncIterable<Uint8Array>, zone: FileZone, key: string): Promise<void> {
    const staged = await this.#store.stage();
    try {
      for await (const chunk of from) await staged.write(chunk);
      await staged.seal();
      await staged.keep(zone, key);
    } finally {
      await staged.discard();
    }
  }

  async #decrypted(file: FileReading, key: string): Promise<FileReading> {
    const { box, keys } = this.#parts;
    const sealed = await keys.find(key);
    if (sealed === undefined) throw unreadable();
    const fileKey = box.open(sealed, fileKeyContext(key));
    const decrypter = new this.#age.Decrypter();
    decrypter.addIdentity({
      unwrapFileKey: (stanzas: readonly age.Stanza[]) =>
        stanzas.some(({ args }) => args[0] === STANZA && args[1] === key) ? fileKey : null,
    });
    const opened = (): Promise<Plain> =>
      readably(async () => {
        const plain: unknown = await decrypter.decrypt(webStream(file.stream()));
        return plain as Plain;
      });
    const first = await opened();
    const bytes = await readably(async () => first.size(file.bytes));
    await first.cancel();
    async function* stream(): AsyncGenerator<Uint8Array> {
      const chunks = (await opened())[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await readably(() => chunks.next());
          if (next.done === true) return;
          if (next.value.byteLength > 0) yield next.value;
        }
      } finally {
        await chunks.return?.().catch(() => undefined);
      }
    }
    return { bytes, stream, read: (start, end) => within(stream(), start, end), close: () => file.close() };
  }
}

/** A part of a stream, which is read from its beginning: nobody reads much of what is held or infected. */
async function within(
  stream: AsyncIterable<Uint8Array>,
  startByte: number,
  endByte: number,
): Promise<Uint8Array> {
  const found: Uint8Array[] = [];
  let at = 0;
  if (endByte > startByte)
    for await (const chunk of stream) {
      const from = Math.max(0, startByte - at);
      if (from < chunk.byteLength) found.push(chunk.subarray(from, Math.max(from, endByte - at)));
      at += chunk.byteLength;
      if (at >= endByte) break;
    }
  return Buffer.concat(found);
}

function webStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  // Streams of node:stream and of the web differ in nothing but their types here.
  const stream: unknown = Readable.toWeb(Readable.from(chunks));
  return stream as ReadableStream<Uint8Array>;
}

function isSealed(zone: FileZone): boolean {
  return SEALED.includes(zone);
}

async function readably<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What the store itself says stays as it is; which part of a file was wrong is nobody's business.
    throw typeof (error as NodeJS.ErrnoException).code === 'string' ? error : unreadable();
  }
}

function unreadable(): RampartError {
  return new RampartError(
    'SECRET_UNREADABLE',
    'A sealed file cannot be read: it was changed, cut or moved, or its key is gone.',
  );
}
