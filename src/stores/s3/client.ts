import type { AwsClient } from 'aws4fetch';
import { createHash } from 'node:crypto';
import type { ReadS3Options, ReadS3Ports } from './options.ts';

/** A request to the bucket. */
export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Whole key of the object; absent for the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What an object store refused, or that it did not answer. */
export class S3Error extends Error {
  /** The store's own word, such as `AccessDenied`; `S3_UNREACHABLE`, `S3_TIMEOUT`. */
  readonly code: string;
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(code: string, status: number, cause?: unknown) {
    super(`The object store refused: ${code}${status === 0 ? '' : ` (${status})`}.`, { cause });
    this.name = 'S3Error';
    this.code = code;
    this.status = status;
  }
}

type MakeClient = new (options: ConstructorParameters<typeof AwsClient>[0]) => AwsClient;

const TRIES = 3;
const PAUSE_MS = 200;
const MAX_ANSWER_BYTES = 4_194_304;

/** Signs requests (AWS Signature Version 4, body included), sends them, and tries again what may work the next time. */
export class S3Client {
  readonly #options: ReadS3Options;
  readonly #ports: ReadS3Ports;
  readonly #make: MakeClient;
  /** Keys of a day, which are dear to derive. */
  readonly #keys = new Map<string, ArrayBuffer>();

  constructor(options: ReadS3Options, ports: ReadS3Ports, make: MakeClient) {
    this.#options = options;
    this.#ports = ports;
    this.#make = make;
  }

  /** @throws S3Error for every answer that is neither good nor 404 */
  async send(call: S3Call): Promise<Response> {
    for (let tried = 1; ; tried++) {
      const answer = await this.#once(call).catch((error: unknown) =>
        error instanceof S3Error ? error : new S3Error('S3_UNREACHABLE', 0, error),
      );
      if (!(answer instanceof S3Error)) return answer;
      const mayWork = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!mayWork || tried >= TRIES) throw answer;
      await new Promise<void>((go) => void this.#ports.timers.after(PAUSE_MS * 2 ** tried, go));
    }
  }

  /** The answer's text; of POST and of copies a 200 may hold an error. @throws S3Error */
  async text(call: S3Call): Promise<string> {
    const answer = await this.send(call);
    if (answer.status === 404) throw await errorOf(answer);
    const text = await this.#within(textOf(answer));
    const at = text.indexOf('<Error>');
    const code = at < 0 ? undefined : /<Code>([A-Za-z]{1,60})<\/Code>/.exec(text.slice(at))?.[1];
    if (code !== undefined) throw new S3Error(code, answer.status);
    return text;
  }

  /** A body, piece by piece; each has to come in time. */
  async *chunks(answer: Response): AsyncGenerator<Uint8Array> {
    const reader = answer.body?.getReader();
    if (reader === undefined) return;
    try {
      for (;;) {
        const { done, value } = await this.#within(reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  async #once({ method, key, query = {}, headers = {}, body }: S3Call): Promise<Response> {
    const { endpoint, bucket, region } = this.#options;
    const { credentials, clock, fetch } = this.#ports;
    const url = new URL(`/${bucket}${key === undefined ? '' : `/${key}`}`, endpoint);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const client = new this.#make({ ...(await credentials()), service: 's3', region, cache: this.#keys });
    const abort = new AbortController();
    const request = await client.sign(url.href, {
      method,
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      aws: { datetime: stampOf(clock.now()) },
    });
    // A redirect would take the signed request to a place that nobody configured.
    const sent = fetch(new Request(request, { redirect: 'manual', signal: abort.signal }));
    const answer = await this.#within(sent).catch((error: unknown) => {
      abort.abort();
      throw error;
    });
    if (this.#keys.size > 100) this.#keys.clear();
    if (answer.ok || answer.status === 404) return answer;
    throw await errorOf(answer);
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const { timers } = this.#ports;
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, fail) => {
      cancel = timers.after(this.#options.withinMs, () => fail(new S3Error('S3_TIMEOUT', 0)));
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }
}

/** `20260101T000000Z` */
function stampOf(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

async function errorOf(answer: Response): Promise<S3Error> {
  const text = await textOf(answer).catch(() => '');
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(text)?.[1];
  return new S3Error(code ?? (answer.status === 404 ? 'NoSuchKey' : `S3_${answer.status}`), answer.status);
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (answer.body)
    for await (const chunk of answer.body) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) throw new S3Error('S3_ANSWER_TOO_LARGE', answer.status);
      chunks.push(chunk);
    }
  return Buffer.concat(chunks).toString();
}
