import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, systemTimers, type Timers } from '../../core/clock.ts';
import { filesSuite, textOf } from '../../testing/suites/files.ts';
import { checkBucket, readS3Options, s3Files, type S3Options } from './index.ts';
import { openBucket, storeOf } from './s3.ts';
import { signatureFault } from './test-signature.ts';
import { ACCESS, TestS3 } from './test-server.ts';

const MIB = 1_048_576;
const OPTIONS = { bucket: 'uploads', region: 'eu-central-1', prefix: 'shop/' };
/** Waits are over at once. */
const soon: Timers = { after: (ms, task) => systemTimers.after(ms >= 30_000 ? ms : 0, task) };
const ports = { credentials: () => ACCESS, timers: soon };

async function opened() {
  const s3 = new TestS3();
  const endpoint = await s3.open();
  return { s3, endpoint, files: await s3Files({ ...OPTIONS, endpoint }, ports) };
}

filesSuite(
  'S3',
  async () => {
    const { s3, files } = await opened();
    return { files, close: () => s3.close() };
  },
  { tellsWhoMoved: false },
);

describe('the verifier of signatures', () => {
  // "Signature Calculations for the Authorization Header", Amazon S3 API Reference.
  const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const signed = (
    method: string,
    target: string,
    names: string,
    signature: string,
    more: object,
    body = '',
  ) =>
    signatureFault(
      {
        method,
        target,
        body: Buffer.from(body),
        headers: {
          host: 'examplebucket.s3.amazonaws.com',
          'x-amz-date': '20130524T000000Z',
          'x-amz-content-sha256': EMPTY,
          ...more,
          authorization: `AWS4-HMAC-SHA256 Credential=${ACCESS.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
        },
      },
      () => ACCESS.secretAccessKey,
    );
  const NAMES = 'host;x-amz-content-sha256;x-amz-date';

  it('takes the examples of AWS, and none that was changed', () => {
    const get = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
    const range = { range: 'bytes=0-9' };
    expect(
      signed('GET', '/test.txt', `host;range;x-amz-content-sha256;x-amz-date`, get, range),
    ).toBeUndefined();
    const put = '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd';
    const body = 'Welcome to Amazon S3.';
    const more = {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    };
    const names = 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class';
    expect(signed('PUT', '/test%24file.text', names, put, more, body)).toBeUndefined();
    const lifecycle = 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543';
    expect(signed('GET', '/?lifecycle', NAMES, lifecycle, {})).toBeUndefined();
    const list = '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7';
    expect(signed('GET', '/?max-keys=2&prefix=J', NAMES, list, {})).toBeUndefined();
    expect(signed('GET', '/?max-keys=3&prefix=J', NAMES, list, {})).toBe('SignatureDoesNotMatch');
    expect(signed('GET', '/?lifecycle', NAMES, lifecycle, { 'x-amz-acl': 'public-read' })).toBe(
      'AccessDenied',
    );
    expect(signed('PUT', '/test%24file.text', names, put, more, `${body}.`)).toBe(
      'XAmzContentSHA256Mismatch',
    );
  });
});

describe('files in a bucket', () => {
  let s3: TestS3;
  let endpoint: string;
  let files: Awaited<ReturnType<typeof s3Files>>;
  beforeAll(async () => ({ s3, endpoint, files } = await opened()));
  afterAll(() => s3.close());
  afterEach(() => {
    s3.objects.clear();
    s3.uploads.clear();
    s3.seen.length = 0;
    s3.faults.length = 0;
    s3.largest = 0;
  });
  const piece = (i: number): Buffer => Buffer.alloc(MIB, i);
  const put = async (key: string, mebibytes: number): Promise<void> => {
    const staged = await files.stage();
    for (let i = 0; i < mebibytes; i++) await staged.write(piece(i));
    await staged.seal();
    await staged.keep('kept', key);
  };

  it('come part by part, encrypted where they lie, and are copied to their place within the store', async () => {
    await put('upl_1', 21);
    expect([...s3.objects.keys()]).toEqual(['shop/kept/upl_1']);
    expect(s3.objects.get('shop/kept/upl_1')?.sealing).toBe('AES256');
    expect(s3.largest).toBe(8 * MIB);
    expect(s3.uploads.size).toBe(0);
    const reading = await files.open('kept', 'upl_1');
    expect(reading?.bytes).toBe(21 * MIB);
    expect([...((await reading?.read(8 * MIB - 1, 8 * MIB + 1)) ?? [])]).toEqual([7, 8]);
  });

  it('are encrypted with a key of a key service, or not by us, as is said', async () => {
    const said = async (encryption: S3Options['encryption']) => {
      const other = await s3Files(
        { ...OPTIONS, endpoint, ...(encryption === undefined ? {} : { encryption }) },
        ports,
      );
      const staged = await other.stage();
      await staged.write(Buffer.from('x'));
      await staged.seal();
      const [stored] = [...s3.objects.values()].map(({ sealing }) => sealing);
      await staged.discard();
      return stored;
    };
    expect([await said(undefined), await said({ kmsKey: 'alias/files' }), await said(false)]).toEqual([
      'AES256',
      'aws:kms',
      undefined,
    ]);
  });

  it('leave no part behind where they are given up', async () => {
    const staged = await files.stage();
    for (let i = 0; i < 17; i++) await staged.write(piece(i));
    expect(s3.uploads.size).toBe(1);
    await staged.discard();
    expect([s3.uploads.size, s3.objects.size]).toEqual([0, 0]);
    const sealed = await files.stage();
    await sealed.write(piece(1));
    await sealed.seal();
    expect(s3.objects.size).toBe(1);
    await sealed.discard();
    await sealed.discard();
    expect([s3.uploads.size, s3.objects.size]).toEqual([0, 0]);
  });

  it('that a process left are swept away, parts and objects, page by page', async () => {
    const now = s3.nowMs;
    s3.nowMs = now - 7_200_000;
    for (let i = 0; i < 5; i++) {
      const left = await files.stage();
      await left.write(piece(1));
      await left.seal();
    }
    const begun = await files.stage();
    for (let i = 0; i < 8; i++) await begun.write(piece(i));
    await put('upl_old', 1);
    s3.nowMs = now;
    const running = await files.stage();
    for (let i = 0; i < 8; i++) await running.write(piece(i));
    expect(await files.sweep(3_600_000)).toBe(6);
    expect([...s3.objects.keys()]).toEqual(['shop/kept/upl_old']);
    expect(s3.uploads.size).toBe(1);
  });

  it('larger than what one request copies are copied in parts', async () => {
    const bucket = await openBucket({ ...OPTIONS, endpoint }, ports, 3 * MIB);
    const store = storeOf(bucket, () => systemClock.now());
    const staged = await store.stage();
    for (let i = 0; i < 8; i++) await staged.write(piece(i));
    await staged.seal();
    await staged.keep('held', 'upl_1');
    expect(s3.seen.filter((one) => one.includes('partNumber')).length).toBe(1 + 3);
    const reading = await store.open('held', 'upl_1');
    expect([reading?.bytes, (await reading?.read(7 * MIB, 7 * MIB + 1))?.[0]]).toEqual([8 * MIB, 7]);
    expect([s3.objects.size, s3.uploads.size]).toEqual([1, 0]);
  });

  describe('where the store fails', () => {
    it('twice: it is tried again', async () => {
      s3.faults.push(503, 500);
      await put('upl_1', 1);
      expect(await files.open('kept', 'upl_1')).toBeDefined();
    });

    it('for good: the error has its word, and nothing of the file', async () => {
      const staged = await files.stage();
      await staged.write(Buffer.from('my secret'));
      s3.faults.push(503, 503, 503);
      const error: unknown = await staged.seal().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'InternalError', status: 503 });
      expect(String((error as Error).stack)).not.toMatch(/my secret|wJalr/);
    });

    it('behind a good status: the file is not there', async () => {
      const staged = await files.stage();
      await staged.write(Buffer.from('x'));
      await staged.seal();
      s3.faults.push(404, 'error-in-200');
      await expect(staged.keep('kept', 'upl_1')).rejects.toMatchObject({ code: 'InternalError' });
      await staged.discard();
      expect(s3.objects.size).toBe(0);
    });

    it('in the middle of a file: nobody takes the half for the whole', async () => {
      await put('upl_1', 2);
      const reading = await files.open('kept', 'upl_1');
      s3.faults.push('cut');
      await expect(textOf(reading)).rejects.toThrow();
    });

    it('by saying nothing: the wait ends', async () => {
      const timers: Timers = { after: (ms, task) => systemTimers.after(ms === 5_000 ? 50 : 0, task) };
      const other = await s3Files({ ...OPTIONS, endpoint, withinMs: 5_000 }, { ...ports, timers });
      s3.faults.push('hang', 'hang', 'hang');
      await expect(other.open('kept', 'upl_1')).rejects.toMatchObject({ code: 'S3_TIMEOUT', status: 0 });
    });

    it('by another key: nothing is tried again', async () => {
      const wrong = { accessKeyId: ACCESS.accessKeyId, secretAccessKey: 'another' };
      const other = await s3Files({ ...OPTIONS, endpoint }, { ...ports, credentials: () => wrong });
      await expect(other.remove('kept', 'upl_1')).rejects.toMatchObject({ status: 403 });
      expect(s3.seen).toHaveLength(1);
    });
  });

  it('are looked at by a check that leaves nothing behind', async () => {
    const check = (more: object = {}, with_: object = {}) =>
      checkBucket({ ...OPTIONS, endpoint, ...more }, { ...ports, ...with_ });
    const codes = async (found: ReturnType<typeof check>) => (await found).map(({ kind }) => kind);
    expect(await codes(check())).toEqual([]);
    s3.isPublic = true;
    expect(await codes(check())).toEqual(['public']);
    s3.isPublic = false;
    expect(await codes(check({}, { credentials: () => ({ ...ACCESS, accessKeyId: 'nobody' }) }))).toEqual([
      'refused',
    ]);
    expect(await codes(check({ endpoint: 'http://127.0.0.1:1' }))).toEqual(['unreachable']);
    expect(s3.objects.size).toBe(0);
  });

  it.each<[string, object]>([
    ['bucket', { bucket: '../x' }],
    ['bucket', { bucket: 'A' }],
    ['region', { region: 'eu central' }],
    ['endpoint', { endpoint: 'http://minio.example' }],
    ['endpoint', { endpoint: 'https://user:pass@minio.example' }],
    ['endpoint', { endpoint: 'https://minio.example/bucket' }],
    ['prefix', { prefix: 'a/../b/' }],
    ['encryption', { encryption: 'none' }],
    ['partBytes', { partBytes: 1_000 }],
    ['acl', { acl: 'public-read' }],
  ])('are refused with a %s such as %j', (name, change) => {
    expect(() => readS3Options({ ...OPTIONS, ...change })).toThrow(`s3.${name}`);
  });
});
