import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { Decrypter } from 'age-encryption';
import { RampartError } from '../../core/errors.ts';
import {
  type BackupHeader,
  type BackupLine,
  type BackupManifest,
  FORMAT,
  FORMAT_VERSION,
  Tally,
  unreadable,
} from './format.ts';

/** What opens backups: identities of age (`AGE-SECRET-KEY-1…`), newer and older ones. */
export type Identities = readonly string[];

/** A backup that was read to its end and found whole. */
export interface ProvenBackup {
  readonly header: BackupHeader;
  readonly manifest: BackupManifest;
}

/**
 * Reads a whole backup without keeping it, and proves it: key, encryption of every part, order, end, counts and hash.
 * @param onLine told of every line in order; what it was told is only sure once this has resolved
 * @throws RampartError `BACKUP_UNREADABLE`
 */
export async function readBackup(
  file: string,
  identities: Identities,
  onLine: (line: BackupLine) => Promise<void> | void = () => undefined,
): Promise<ProvenBackup> {
  const tally = new Tally();
  let header: BackupHeader | undefined;
  let manifest: BackupManifest | undefined;
  for await (const text of linesOf(file, identities)) {
    if (manifest !== undefined) throw unreadable('something follows its end');
    const line = parsed(text);
    if (header === undefined) header = headerOf(line);
    else if (line.kind === 'header') throw unreadable('it begins twice');
    if (line.kind === 'manifest') {
      manifest = line;
      prove(tally, header, manifest);
    } else {
      tally.add(text);
      if (line.kind === 'rows') checkRows(header, line.table, line.rows);
      if (line.kind === 'rows') tally.addRows(line.table, line.rows.length);
    }
    await onLine(line);
  }
  if (header === undefined || manifest === undefined) throw unreadable('its end is missing');
  return { header, manifest };
}

function parsed(text: string): BackupLine {
  try {
    return JSON.parse(text) as BackupLine;
  } catch (error) {
    throw unreadable('a line of it is damaged', error);
  }
}

function headerOf(line: BackupLine): BackupHeader {
  if (line.kind !== 'header' || line.format !== FORMAT) throw unreadable('it is none of ours');
  if (line.version !== FORMAT_VERSION)
    throw unreadable(`its format ${String(line.version)} is not known to this version`);
  return line;
}

function checkRows(header: BackupHeader, table: number, rows: readonly (readonly unknown[])[]): void {
  const columns = header.tables[table]?.columns.length;
  if (columns === undefined || rows.some((row) => row.length !== columns))
    throw unreadable('its rows do not fit its tables');
}

function prove(tally: Tally, header: BackupHeader, manifest: BackupManifest): void {
  if (JSON.stringify(tally.manifest(header.tables)) !== JSON.stringify(manifest))
    throw unreadable('its contents differ from its manifest');
}

/** Opens, decrypts, decompresses and splits. Whatever goes wrong on the way is one kind of error. */
async function* linesOf(file: string, identities: Identities): AsyncGenerator<string> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  const encrypted = createReadStream(file);
  try {
    const source = Readable.toWeb(encrypted) as unknown as ReadableStream<Uint8Array>;
    const plain = Readable.from(await decrypter.decrypt(source));
    const text = pipeline(plain, createZstdDecompress(), () => undefined).setEncoding('utf8');
    let rest = '';
    for await (const part of text as AsyncIterable<string>) {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') throw unreadable('its last line is cut off');
  } catch (error) {
    throw error instanceof RampartError ? error : unreadable(reasonOf(error), error);
  } finally {
    encrypted.destroy();
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'ENOENT') return 'there is no such file';
  if (/no identity matched/i.test(message)) return 'the identity is not one that it was made for';
  return 'it was changed or cut off, or is no backup';
}
