import { createHash, type Hash } from 'node:crypto';
import type { BodySource } from '../../../core/intake.ts';
import type { FileStore, StagedFile } from '../../../ports/files.ts';
import { refusedAs, UploadRefused } from '../errors.ts';
import { refuseByHead } from '../inspect/look.ts';
import { HEAD_BYTES } from '../inspect/sniff.ts';
import { type SafeName, safeName } from '../names.ts';
import type { ReadUploadOptions } from '../options.ts';
import { utf8 } from './headers.ts';
import type { Part } from './multipart.ts';

/** A file that has arrived whole and that nobody has looked through yet. */
export interface Arrived {
  readonly field: string;
  readonly name: SafeName;
  readonly declared: string;
  readonly staged: StagedFile;
  readonly bytes: number;
  readonly sha256: string;
}

/** What has arrived of a request so far; whoever has it discards what was staged. */
export interface Arriving {
  readonly files: Arrived[];
  readonly staged: StagedFile[];
  readonly fields: Map<string, string>;
}

/** A store that fails is no mistake of the sender. */
export async function fromStore<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UploadRefused) throw error;
    const code = (error as { code?: unknown }).code;
    const values = typeof code === 'string' ? { cause: code.slice(0, 40) } : {};
    throw new UploadRefused('store', 'store', 'The store of the files does not take them.', values, error);
  }
}

/** Takes one file as it comes: counted, hashed, and refused by its first bytes where those are enough. @throws UploadRefused */
export async function takeFile(
  head: { readonly field: string; readonly fileName: string; readonly declared: string },
  body: BodySource,
  into: Arriving,
  options: ReadUploadOptions,
  store: FileStore,
): Promise<void> {
  if (into.files.length >= options.maxFiles)
    throw refusedAs('tooMany', 'files', 'There are more files than are accepted.', {
      maxFiles: options.maxFiles,
    });
  const name = safeName(head.fileName);
  const staged = await fromStore(store.stage());
  into.staged.push(staged);
  const hash = createHash('sha256');
  const bytes = await write(body, staged, hash, options, name);
  if (bytes === 0) throw refusedAs('malformed', 'empty', 'The file is empty.');
  into.files.push({ ...head, name, staged, bytes, sha256: hash.digest('hex') });
}

async function write(
  body: BodySource,
  staged: StagedFile,
  hash: Hash,
  options: ReadUploadOptions,
  name: SafeName,
): Promise<number> {
  let bytes = 0;
  let head: Buffer | undefined = Buffer.alloc(0);
  const look = async (): Promise<void> => {
    if (head !== undefined && head.length > 0)
      await refuseByHead(head, { ...options, extension: name.extension });
    head = undefined;
  };
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > options.maxFileBytes)
      throw refusedAs('fileTooLarge', 'file_bytes', 'A file is larger than is accepted.', {
        maxFileBytes: options.maxFileBytes,
      });
    if (head !== undefined) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      if (head.length >= HEAD_BYTES) await look();
    }
    hash.update(chunk);
    await fromStore(staged.write(chunk));
  }
  await look();
  return bytes;
}

/** Takes a field that is no file. @throws UploadRefused */
export async function takeField(part: Part, into: Arriving, options: ReadUploadOptions): Promise<void> {
  const { field } = part.head;
  if (into.fields.size >= options.maxFields)
    throw refusedAs('tooMany', 'fields', 'There are more fields than are accepted.', {
      maxFields: options.maxFields,
    });
  if (into.fields.has(field) || ['__proto__', 'constructor', 'prototype'].includes(field))
    throw refusedAs('malformed', 'field_name', 'A field comes twice, or has a name that is not accepted.');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of part.body) {
    bytes += chunk.byteLength;
    if (bytes > options.maxFieldBytes)
      throw refusedAs('tooLarge', 'field_bytes', 'A field is larger than is accepted.', {
        maxFieldBytes: options.maxFieldBytes,
      });
    chunks.push(chunk);
  }
  into.fields.set(field, utf8(Buffer.concat(chunks), 'A field'));
}
