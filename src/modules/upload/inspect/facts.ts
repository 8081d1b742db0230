import type { FileReading } from '../../../ports/files.ts';
import type { ReadUploadOptions } from '../options.ts';

/** What a look into a file found. */
export interface Look {
  /** Media type by content. */
  readonly type: string;
  readonly width?: number;
  readonly height?: number;
  /** Dotted names of things that the policy lets pass. */
  readonly flags?: readonly string[];
}

/** What a look is taken with. */
export interface LookOptions extends Pick<
  ReadUploadOptions,
  'types' | 'activeContent' | 'images' | 'archives'
> {
  /** What the sender claims the name's extension to be; lower case, no dot. */
  readonly extension: string;
}

/** Pictures, documents and marked-up text are read whole to be looked through: larger ones are refused. */
export const WHOLE_BYTES = 33_554_432;

/** Reads a file whole. */
export async function whole(file: FileReading): Promise<Buffer> {
  const bytes = await file.read(0, file.bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
