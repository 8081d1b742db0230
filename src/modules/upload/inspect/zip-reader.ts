import { Readable } from 'node:stream';
import type yauzlPackage from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { FileReading } from '../../../ports/files.ts';
import { UploadRefused } from '../errors.ts';

/** What is read of an archive: one that lies on the disk, or one inside of another. */
export type ZipSource = Pick<FileReading, 'bytes' | 'read'>;

const PIECE_BYTES = 65_536;

type Yauzl = typeof yauzlPackage;

/** What yauzl reads from. The package is loaded with the first archive. */
function readerOf(yauzl: Yauzl, source: ZipSource): InstanceType<Yauzl['RandomAccessReader']> {
  class Reader extends yauzl.RandomAccessReader {
    override _readStreamForRange(start: number, end: number): Readable {
      async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
        for (let at = start; at < end; at += PIECE_BYTES)
          yield await source.read(at, Math.min(end, at + PIECE_BYTES));
      }
      return Readable.from(pieces(), { objectMode: false });
    }
  }
  return new Reader();
}

/** How an archive that cannot be right is refused; the library's words may quote names, and stay in the cause. */
export function brokenZip(error: unknown): Error {
  if (error instanceof UploadRefused) return error;
  return new UploadRefused(
    'mismatch',
    'zip_broken',
    'The archive is broken, or lies about itself.',
    {},
    error,
  );
}

/** Opens an archive by its central directory. @throws UploadRefused */
export async function openZip(source: ZipSource): Promise<ZipFile> {
  const { default: yauzl } = await import('yauzl');
  return new Promise((resolve, reject) => {
    yauzl.fromRandomAccessReader(
      readerOf(yauzl, source),
      source.bytes,
      // Some writers of Windows separate by backslashes: they are read as slashes, and names are judged after that.
      { lazyEntries: true, autoClose: false, strictFileNames: false, validateEntrySizes: true },
      (error, zip) => (error ? reject(brokenZip(error)) : resolve(zip)),
    );
  });
}

/** Goes through the entries, one at a time. @throws UploadRefused */
export async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry, void, undefined> {
  let wake: (() => void) | undefined;
  let next: Entry | null | undefined;
  let failure: unknown;
  const tell = (entry: Entry | null): void => {
    next = entry;
    wake?.();
  };
  zip.on('entry', tell);
  zip.on('end', () => tell(null));
  zip.on('error', (error: unknown) => {
    failure = error;
    tell(null);
  });
  for (;;) {
    next = undefined;
    zip.readEntry();
    if (next === undefined) await new Promise<void>((go) => (wake = go));
    if (failure !== undefined) throw brokenZip(failure);
    const found = next as unknown as Entry | null;
    if (found === null) return;
    yield found;
  }
}

/** The unpacked bytes of an entry; more or fewer than it says are an error. @throws UploadRefused */
export async function* unpacked(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer, void, undefined> {
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, found) => (error ? reject(error) : resolve(found)));
    });
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw brokenZip(error);
  }
}
