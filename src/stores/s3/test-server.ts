import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signatureFault } from './test-signature.ts';

interface Stored {
  readonly body: Buffer;
  readonly sealing: string | undefined;
  readonly atMs: number;
}
interface Begun {
  readonly key: string;
  readonly sealing: string | undefined;
  readonly parts: Map<number, Buffer>;
  readonly atMs: number;
}
type Headers = Readonly<Record<string, string | undefined>>;

export const ACCESS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

/** An object store in this process that answers as S3's documentation says, and believes no signature unseen. */
export class TestS3 {
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, Begun>();
  readonly seen: string[] = [];
  /** What the next requests are answered with, instead of what they ask for. */
  readonly faults: (number | 'hang' | 'cut' | 'error-in-200')[] = [];
  isPublic = false;
  nowMs = Date.now();
  /** Largest body of a request. */
  largest = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.largest = Math.max(this.largest, body.byteLength);
    const { method = '', url = '', headers } = request;
    const url_ = new URL(url, 'http://s3');
    const key = url_.pathname.split('/').slice(2).join('/');
    this.seen.push(`${method} ${key}${url_.search}`);
    const fault = this.faults.shift();
    if (fault === 'hang') return;
    if (typeof fault === 'number') return refuse(response, fault, 'InternalError');
    if (fault === 'error-in-200') return xml(response, '<Error><Code>InternalError</Code></Error>');
    const wrong = signatureFault({ method, target: url, headers: headers as Headers, body }, (id) =>
      id === ACCESS.accessKeyId ? ACCESS.secretAccessKey : undefined,
    );
    if (wrong !== undefined) return refuse(response, 403, wrong);
    if (key === '') return this.#bucket(url_.searchParams, response);
    this.#object(method, key, url_.searchParams, headers as Headers, body, response, fault === 'cut');
  }

  #bucket(query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get('prefix') ?? '';
    const at = (ms: number): string => new Date(ms).toISOString();
    if (query.has('policyStatus'))
      return xml(response, `<PolicyStatus><IsPublic>${this.isPublic}</IsPublic></PolicyStatus>`);
    if (query.has('uploads')) {
      const found = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
      return xml(
        response,
        found
          .map(
            ([id, one]) =>
              `<Upload><Key>${one.key}</Key><UploadId>${id}</UploadId><Initiated>${at(one.atMs)}</Initiated></Upload>`,
          )
          .join(''),
      );
    }
    // Two of a page, so that whoever lists has to go on.
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    const from = keys.findIndex((key) => key > (query.get('continuation-token') ?? ''));
    const page = from < 0 ? [] : keys.slice(from, from + 2);
    const more = from >= 0 && keys.length > from + 2;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    const shown = page.map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>${at(this.objects.get(key)?.atMs ?? 0)}</LastModified></Contents>`,
    );
    xml(response, `<ListBucketResult>${shown.join('')}${next}</ListBucketResult>`);
  }

  #object(
    method: string,
    key: string,
    query: URLSearchParams,
    headers: Headers,
    body: Buffer,
    response: ServerResponse,
    cut: boolean,
  ): void {
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    const sealing = headers['x-amz-server-side-encryption'];
    if (query.has('uploadId') && upload?.key !== key) return refuse(response, 404, 'NoSuchUpload');
    if (method === 'POST' && query.has('uploads')) {
      const id = randomBytes(8).toString('hex');
      this.uploads.set(id, { key, sealing, parts: new Map(), atMs: this.nowMs });
      return xml(response, `<UploadId>${id}</UploadId>`);
    }
    if (upload !== undefined) return this.#part(method, key, query, headers, body, upload, response);
    if (method === 'PUT') {
      const copied = this.#source(headers);
      if (copied === null) return refuse(response, 404, 'NoSuchKey');
      this.objects.set(key, { body: copied ?? body, sealing, atMs: this.nowMs });
      response.setHeader('etag', etagOf(copied ?? body));
      return xml(response, copied === undefined ? '' : '<CopyObjectResult></CopyObjectResult>');
    }
    if (method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
      return;
    }
    const stored = this.objects.get(key);
    if (stored === undefined) return refuse(response, 404, 'NoSuchKey');
    if (stored.sealing !== undefined) response.setHeader('x-amz-server-side-encryption', stored.sealing);
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '');
    const part = range === null ? stored.body : stored.body.subarray(Number(range[1]), Number(range[2]) + 1);
    response.writeHead(range === null ? 200 : 206, { 'content-length': part.byteLength });
    if (cut) {
      response.write(part.subarray(0, part.byteLength / 2));
      setImmediate(() => response.destroy());
    } else response.end(method === 'HEAD' ? undefined : part);
  }

  #source(headers: Headers): Buffer | null | undefined {
    const source = headers['x-amz-copy-source'];
    if (source === undefined) return undefined;
    const found = this.objects.get(source.split('/').slice(2).join('/'));
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers['x-amz-copy-source-range'] ?? '');
    if (found === undefined) return null;
    return range === null ? found.body : found.body.subarray(Number(range[1]), Number(range[2]) + 1);
  }

  #part(
    method: string,
    key: string,
    query: URLSearchParams,
    headers: Headers,
    body: Buffer,
    upload: Begun,
    response: ServerResponse,
  ): void {
    const id = query.get('uploadId') ?? '';
    if (method === 'DELETE') {
      this.uploads.delete(id);
      response.writeHead(204).end();
    } else if (method === 'PUT') {
      const part = this.#source(headers) ?? body;
      upload.parts.set(Number(query.get('partNumber')), part);
      response.setHeader('etag', etagOf(part));
      xml(
        response,
        `<CopyPartResult><ETag>${etagOf(part).replaceAll('"', '&quot;')}</ETag></CopyPartResult>`,
      );
    } else {
      const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>(.*?)<\/ETag>/g)];
      const parts = named.map(([, number]) => upload.parts.get(Number(number)));
      const fits = named.every(
        ([, , etag], i) => etag?.replaceAll('&quot;', '"') === etagOf(parts[i] ?? Buffer.alloc(0)),
      );
      // All but the last hold at least 5 MiB, unless they were copied for a test.
      if (!fits || parts.length !== upload.parts.size) return refuse(response, 400, 'InvalidPart');
      this.objects.set(key, {
        body: Buffer.concat(parts as Buffer[]),
        sealing: upload.sealing,
        atMs: this.nowMs,
      });
      this.uploads.delete(id);
      xml(response, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
    }
  }
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function xml(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code></Error>`);
}
