import { OptionsError } from '../../core/errors.ts';
import type { FileReading, FileZone } from '../../ports/files.ts';
import { type S3Client, S3Error } from './client.ts';
import type { ReadS3Options } from './options.ts';
import { partList, uploadIdOf } from './staged.ts';
import { tagOf } from './xml.ts';

const KEY = /^[a-z0-9_-]{1,100}$/;
/** A store copies at most so much in one request; more goes in parts. */
const COPY_BYTES = 5 * 1_073_741_824;
const COPY_PART_BYTES = 1_073_741_824;

/** Objects of a bucket, by their whole keys. */
export class S3Bucket {
  readonly client: S3Client;
  readonly partBytes: number;
  readonly #options: ReadS3Options;
  readonly #copyBytes: number;
  readonly #sealing: Readonly<Record<string, string>>;

  /** @param copyBytes most that is copied in one request; for tests */
  constructor(client: S3Client, options: ReadS3Options, copyBytes = COPY_BYTES) {
    this.client = client;
    this.partBytes = options.partBytes;
    this.#options = options;
    this.#copyBytes = copyBytes;
    this.#sealing = sealingOf(options);
  }

  /** @throws OptionsError for a key that is not ours */
  keyOf(zone: FileZone | 'stage', key: string): string {
    if (!KEY.test(key)) throw new OptionsError('key', 'expected 1 to 100 of a-z, 0-9, _ and -');
    return `${this.#options.prefix}${zone}/${key}`;
  }

  /** Bytes of an object; undefined where there is none. */
  async sizeOf(key: string): Promise<number | undefined> {
    const answer = await this.client.send({ method: 'HEAD', key });
    if (answer.status === 404) return undefined;
    const bytes = Number(answer.headers.get('content-length') ?? Number.NaN);
    if (!Number.isSafeInteger(bytes)) throw new S3Error('S3_ANSWER_UNREADABLE', answer.status);
    return bytes;
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    const headers = { ...this.#sealing, 'content-type': 'application/octet-stream' };
    await this.client.text({ method: 'PUT', key, body, headers });
  }

  async drop(key: string): Promise<void> {
    const answer = await this.client.send({ method: 'DELETE', key });
    await answer.body?.cancel();
  }

  async beginParts(key: string): Promise<string> {
    const headers = { ...this.#sealing, 'content-type': 'application/octet-stream' };
    return uploadIdOf(await this.client.text({ method: 'POST', key, query: { uploads: '' }, headers }));
  }

  async endParts(key: string, uploadId: string, etags: readonly string[]): Promise<void> {
    const headers = { 'content-type': 'application/xml' };
    const body = Buffer.from(partList(etags));
    await this.client.text({ method: 'POST', key, query: { uploadId }, headers, body });
  }

  async abortParts(key: string, uploadId: string): Promise<void> {
    const answer = await this.client.send({ method: 'DELETE', key, query: { uploadId } });
    await answer.body?.cancel();
  }

  /** Copies within the store. */
  async copy(from: string, bytes: number, to: string): Promise<void> {
    const source = { 'x-amz-copy-source': `/${this.#options.bucket}/${from}` };
    if (bytes <= this.#copyBytes) {
      await this.client.text({ method: 'PUT', key: to, headers: { ...this.#sealing, ...source } });
      return;
    }
    const uploadId = await this.beginParts(to);
    try {
      const etags: string[] = [];
      const step = Math.min(COPY_PART_BYTES, this.#copyBytes);
      for (let at = 0; at < bytes; at += step) {
        const range = `bytes=${at}-${Math.min(bytes, at + step) - 1}`;
        const headers = { ...source, 'x-amz-copy-source-range': range };
        const query = { partNumber: String(etags.length + 1), uploadId };
        etags.push(tagOf(await this.client.text({ method: 'PUT', key: to, query, headers }), 'ETag') ?? '');
      }
      await this.endParts(to, uploadId, etags);
    } catch (error) {
      await this.abortParts(to, uploadId).catch(() => undefined);
      throw error;
    }
  }

  /** Reads an object of a known size; fails where it became another meanwhile. */
  reading(key: string, bytes: number): FileReading {
    const { client } = this;
    const get = async (range?: string): Promise<Response> => {
      const answer = await client.send({ method: 'GET', key, ...(range ? { headers: { range } } : {}) });
      if (answer.status === 404) throw new S3Error('NoSuchKey', 404);
      return answer;
    };
    async function* stream(): AsyncGenerator<Uint8Array> {
      let read = 0;
      for await (const chunk of client.chunks(await get())) {
        read += chunk.byteLength;
        yield chunk;
      }
      if (read !== bytes) throw new S3Error('S3_ANSWER_CUT', 200);
    }
    return {
      bytes,
      stream,
      async read(startByte, endByte) {
        const end = Math.min(endByte, bytes);
        if (end <= startByte) return new Uint8Array();
        const found: Uint8Array[] = [];
        for await (const chunk of client.chunks(await get(`bytes=${startByte}-${end - 1}`)))
          found.push(chunk);
        const part = Buffer.concat(found);
        if (part.byteLength !== end - startByte) throw new S3Error('S3_ANSWER_CUT', 206);
        return part;
      },
      close: () => Promise.resolve(),
    };
  }
}

function sealingOf({ encryption }: ReadS3Options): Readonly<Record<string, string>> {
  if (encryption === false) return {};
  if (encryption === 'AES256') return { 'x-amz-server-side-encryption': 'AES256' };
  return {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': encryption.kmsKey,
  };
}
