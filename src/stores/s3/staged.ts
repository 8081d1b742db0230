import type { FileReading, FileZone, StagedFile } from '../../ports/files.ts';
import { S3Error } from './client.ts';
import type { S3Bucket } from './bucket.ts';
import { escaped, tagOf } from './xml.ts';

const MAX_PARTS = 10_000;

/**
 * A file on its way into the bucket: sent part by part (at most one of them in memory) to a place where nobody looks, and
 * copied to its own within the store. A file of one part is sent at once.
 */
export class StagedObject implements StagedFile {
  readonly #bucket: S3Bucket;
  readonly #key: string;
  #chunks: Buffer[] = [];
  #waiting = 0;
  #bytes = 0;
  #uploadId: string | undefined;
  readonly #etags: string[] = [];
  #there = false;

  constructor(bucket: S3Bucket, key: string) {
    this.#bucket = bucket;
    this.#key = key;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { partBytes } = this.#bucket;
    for (let at = 0; at < chunk.byteLength;) {
      const end = Math.min(chunk.byteLength, at + partBytes - this.#waiting);
      // A copy: whoever wrote it may fill the same memory anew.
      this.#chunks.push(Buffer.from(chunk.subarray(at, end)));
      this.#waiting += end - at;
      at = end;
      if (this.#waiting === partBytes) await this.#sendPart();
    }
    this.#bytes += chunk.byteLength;
  }

  async #sendPart(): Promise<void> {
    const { client } = this.#bucket;
    if (this.#etags.length >= MAX_PARTS)
      throw Object.assign(new Error('The file has more parts than an object store takes.'), {
        code: 'EFBIG',
      });
    this.#uploadId ??= await this.#bucket.beginParts(this.#key);
    const body = this.#take();
    const query = { partNumber: String(this.#etags.length + 1), uploadId: this.#uploadId };
    const answer = await client.send({ method: 'PUT', key: this.#key, query, body });
    const etag = answer.headers.get('etag');
    await answer.body?.cancel();
    if (answer.status === 404 || etag === null) throw new S3Error('NoSuchUpload', answer.status);
    this.#etags.push(etag);
  }

  #take(): Buffer {
    const body = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#waiting = 0;
    return body;
  }

  async seal(): Promise<FileReading> {
    if (!this.#there) {
      if (this.#uploadId === undefined) await this.#bucket.put(this.#key, this.#take());
      else {
        if (this.#waiting > 0) await this.#sendPart();
        await this.#bucket.endParts(this.#key, this.#uploadId, this.#etags);
        this.#uploadId = undefined;
      }
      this.#there = true;
    }
    return this.#bucket.reading(this.#key, this.#bytes);
  }

  async keep(zone: FileZone, key: string): Promise<void> {
    const target = this.#bucket.keyOf(zone, key);
    if ((await this.#bucket.sizeOf(target)) !== undefined)
      throw Object.assign(new Error('There is such a file.'), { code: 'EEXIST' });
    await this.#bucket.copy(this.#key, this.#bytes, target);
    await this.discard();
  }

  async discard(): Promise<void> {
    this.#chunks = [];
    const uploadId = this.#uploadId;
    this.#uploadId = undefined;
    if (uploadId !== undefined) await this.#bucket.abortParts(this.#key, uploadId);
    if (!this.#there) return;
    this.#there = false;
    await this.#bucket.drop(this.#key);
  }
}

/** The body that ends an upload of parts. */
export function partList(etags: readonly string[]): string {
  const parts = etags.map(
    (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`;
}

/** @throws S3Error where the answer names no upload */
export function uploadIdOf(answer: string): string {
  const id = tagOf(answer, 'UploadId');
  if (id === undefined) throw new S3Error('S3_ANSWER_UNREADABLE', 200);
  return id;
}
