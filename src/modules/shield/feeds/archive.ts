import type { TarHeader } from 'modern-tar';
import { FeedRefusal } from './refusal.ts';

const MAX_ENTRIES = 1_000;

/** Whether bytes begin a tar archive (POSIX.1 ustar). */
export function isTar(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
}

/**
 * Takes the database out of a tar archive, as its makers publish it beside a licence and a note.
 * @throws FeedRefusal where there is not exactly one, or the archive is broken
 */
export async function databaseOf(archive: Uint8Array): Promise<Uint8Array> {
  // Loaded when it is needed: few sources send archives.
  const { unpackTar } = await import('modern-tar');
  let entries = 0;
  const isDatabase = ({ name, type }: TarHeader): boolean => {
    if (++entries > MAX_ENTRIES) throw new FeedRefusal('The tar archive holds too many files.');
    return type === 'file' && name.endsWith('.mmdb');
  };
  const found = await unpackTar(archive, { strict: true, filter: isDatabase }).catch((error: unknown) => {
    if (error instanceof FeedRefusal) throw error;
    throw new FeedRefusal('The tar archive is broken. Nothing of it was taken.');
  });
  const [database, ...more] = found.flatMap(({ data }) => (data === undefined ? [] : [data]));
  if (database === undefined || more.length > 0)
    throw new FeedRefusal(
      `The tar archive holds ${found.length} databases, not one. Name the address of a single one in from.`,
    );
  return database;
}
