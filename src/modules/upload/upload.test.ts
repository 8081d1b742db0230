import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { RampartError } from '../../core/errors.ts';
import { OptionsError } from '../../core/errors.ts';
import type { UploadOptions } from './index.ts';
import { openUpload, type Scanner, type ScanVerdict, sharpReencode, upload } from './index.ts';
import {
  body,
  BOUNDARY,
  form,
  partOf,
  pngOf,
  streamed,
  testStore,
  testUpload,
  zipOf,
} from './test-upload.ts';

const TEXT: UploadOptions = { types: ['text/plain'] };
const SCANNED: UploadOptions = { ...TEXT, scan: { clamd: '127.0.0.1:1', onDown: 'hold' } };
const note = { name: 'note.txt', type: 'text/plain', bytes: 'hello' };
const settled = (): Promise<void> => new Promise((go) => setImmediate(go));

/** A scanner that says these things in turn, then the last one again and again. */
function says(...verdicts: ScanVerdict[]): Scanner {
  return {
    scan: () => Promise.resolve((verdicts.length > 1 ? verdicts.shift() : verdicts[0]) as ScanVerdict),
  };
}
const CLEAN: ScanVerdict = { kind: 'clean' };
const DOWN: ScanVerdict = { kind: 'down', why: 'test' };
const EVIL: ScanVerdict = { kind: 'infected', signature: 'Test.Evil' };

describe('an upload', () => {
  it('is kept under a name of ours, with what is known of it', async () => {
    const { send, store, records, events } = testUpload({ ...TEXT, maxFiles: 2 });
    const { files, fields } = await send(
      body(
        Buffer.concat([
          Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="about"\r\n\r\nmine\r\n`),
          partOf(note),
          partOf({ ...note, name: 'b.csv', bytes: 'a;b' }),
          Buffer.from(`--${BOUNDARY}--`),
        ]),
      ),
    );
    expect(fields).toEqual({ about: 'mine' });
    expect(
      files.map(({ displayName, extension, bytes, state }) => [displayName, extension, bytes, state]),
    ).toEqual([
      ['note.txt', 'txt', 5, 'kept'],
      ['b.csv', 'csv', 3, 'kept'],
    ]);
    const [first] = files;
    expect(first?.sha256).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
    expect([...store.files.keys()]).toEqual(files.map(({ id }) => `kept/${id}`));
    expect(await records.get(first?.id ?? '')).toMatchObject({
      owner: 'user:1',
      upload: 'test',
      decision: 'dec_1',
    });
    expect(events.map(({ type }) => type)).toEqual(['UPLOAD_ACCEPTED', 'UPLOAD_ACCEPTED']);
    expect(store.staged()).toBe(0);
  });

  it('may be the body itself, where that is wished', async () => {
    const raw = body('hello', { 'content-type': 'text/plain', 'x-file-name': 'n%C3%A4me.txt' });
    const { files } = await testUpload({ ...TEXT, raw: true }).send(raw);
    expect(files[0]).toMatchObject({ field: '', displayName: 'näme.txt', type: 'text/plain' });
    await expect(testUpload(TEXT).send(raw)).rejects.toMatchObject({
      status: 415,
      code: 'UPLOAD_FORM_REFUSED',
    });
  });

  it('keeps all files or none', async () => {
    const { send, store, records, events } = testUpload({ ...TEXT, maxFiles: 2 });
    const two = form(note, { name: 'x.txt', bytes: '<script>' });
    await expect(send(two)).rejects.toMatchObject({ status: 415, code: 'FILE_TYPE_REFUSED' });
    expect([store.files.size, store.staged()]).toEqual([0, 0]);
    expect(await records.list({ limit: 10 })).toMatchObject([
      { state: 'refused', reason: 'upload.type', type: 'text/html' },
    ]);
    expect(events).toMatchObject([
      { type: 'UPLOAD_REFUSED', fields: { decision: 'dec_1', actor: 'user:1' } },
    ]);
  });

  it.each<[string, number, UploadOptions, ReturnType<typeof form>]>([
    ['a larger file', 413, { ...TEXT, maxFileBytes: 4 }, form(note)],
    ['a larger body', 413, { ...TEXT, maxTotalBytes: 50 }, form(note)],
    ['a body that says so', 413, TEXT, body('', { 'content-length': '99999999999' })],
    ['more files', 413, TEXT, form(note, note)],
    [
      'more fields',
      413,
      { ...TEXT, maxFields: 0 },
      body(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n--${BOUNDARY}--`),
    ],
    [
      'a larger field',
      413,
      { ...TEXT, maxFieldBytes: 2 },
      body(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"\r\n\r\nxxx\r\n--${BOUNDARY}--`),
    ],
    ['no file', 400, TEXT, body(`--${BOUNDARY}--`)],
    ['an empty file', 400, TEXT, form({ ...note, bytes: '' })],
    ['a file without a name', 400, TEXT, form({ ...note, name: '' })],
    ['no boundary', 400, TEXT, body('', { 'content-type': 'multipart/form-data' })],
    [
      'a long boundary',
      400,
      TEXT,
      body('', { 'content-type': `multipart/form-data; boundary=${'x'.repeat(10_000)}` }),
    ],
    ['another form', 415, TEXT, body('a=b', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['no content type', 415, TEXT, streamed(form(note).body, { 'content-type': '' })],
    ['a content coding', 415, TEXT, body('', { 'content-encoding': 'gzip' })],
    ['a name that claims another type', 400, TEXT, form({ ...note, name: 'note.pdf' })],
    ['a type that claims another one', 400, TEXT, form({ ...note, type: 'image/png' })],
    [
      'a picture of too many pixels',
      413,
      { types: ['image/png'] },
      form({ name: 'x.png', bytes: pngOf(50_000, 50_000) }),
    ],
    [
      'a field of a dangerous name',
      400,
      TEXT,
      body(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\nx\r\n--${BOUNDARY}--`),
    ],
  ])('is refused with %s: %i', async (_what, status, options, incoming) => {
    const { send, store } = testUpload(options);
    await expect(send(incoming)).rejects.toMatchObject({ status });
    expect([store.files.size, store.staged()]).toEqual([0, 0]);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('is decoded from %s where that is wished, and cut while it is', async (coding, encode) => {
    const options: UploadOptions = {
      ...TEXT,
      encodings: [coding],
      maxFileBytes: 50_000_000,
      maxTotalBytes: 1_000_000,
    };
    const encoded = (bytes: Uint8Array): ReturnType<typeof body> =>
      body(encode(bytes), { 'content-encoding': coding });
    const plain = Buffer.concat([partOf(note), Buffer.from(`--${BOUNDARY}--`)]);
    expect((await testUpload(options).send(encoded(plain))).files).toHaveLength(1);
    const bomb = Buffer.concat([
      partOf({ ...note, bytes: Buffer.alloc(20_000_000, 32) }),
      Buffer.from(`--${BOUNDARY}--`),
    ]);
    await expect(testUpload(options).send(encoded(bomb))).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' });
    await expect(
      testUpload(options).send(body('hello', { 'content-encoding': coding })),
    ).rejects.toMatchObject({ status: 400 });
  });

  it('is refused as soon as its first bytes say what it is', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from(
        `--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"; filename="a.txt"\r\n\r\n\u007fELF`,
      );
      for (;;) {
        sent += 65_536;
        yield Buffer.alloc(65_536, 1);
      }
    }
    await expect(testUpload(TEXT).send(streamed(endless()))).rejects.toMatchObject({ status: 415 });
    expect(sent).toBeLessThan(200_000);
  });

  it('is cut off where nothing comes for too long, or where it trickles for ever', async () => {
    const silent = testUpload({ ...TEXT, idle: '5s' });
    async function* once(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from(`--${BOUNDARY}\r\n`);
      await new Promise(() => undefined);
    }
    const waiting = expect(silent.send(streamed(once()))).rejects.toMatchObject({
      status: 408,
      code: 'UPLOAD_TOO_SLOW',
    });
    await settled();
    silent.clock.advance(4_999);
    await settled();
    expect(silent.events).toEqual([]);
    silent.clock.advance(2);
    await waiting;
    expect(silent.clock.pending).toBe(0);

    const slow = testUpload({ ...TEXT, within: '10s', idle: '5s' });
    async function* trickle(): AsyncGenerator<Uint8Array, void, undefined> {
      yield* [
        Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"; filename="a.txt"\r\n\r\n`),
      ];
      for (;;) {
        slow.clock.advance(1_000);
        yield Buffer.from('x');
      }
    }
    await expect(slow.send(streamed(trickle()))).rejects.toMatchObject({ status: 408 });
    expect(slow.store.staged()).toBe(0);
  });

  it('leaves nothing where its sender goes', async () => {
    const { send, store, events } = testUpload(TEXT);
    async function* cut(): AsyncGenerator<Uint8Array, void, undefined> {
      yield partOf(note).subarray(0, -3);
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    await expect(send(streamed(cut()))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect([store.files.size, store.staged(), events]).toEqual([0, 0, []]);
  });

  it('waits for nobody: one too many is told to come back', async () => {
    const { send, store } = testUpload({ ...TEXT, maxConcurrent: 1 });
    store.faults.hold();
    const first = send(form(note));
    await settled();
    await expect(send(form(note))).rejects.toMatchObject({
      status: 503,
      code: 'UPLOAD_BUSY',
      retryAfterSeconds: 10,
    });
    store.faults.release();
    await first;
    await send(form(note));
  });
});

describe('a store that fails', () => {
  it.each(['stage', 'write', 'seal', 'keep'])('at %s leaves no file and no row: 503', async (call) => {
    const { send, store, records, events } = testUpload({ ...TEXT, maxFiles: 2 });
    store.faults.throwWhen(
      (name, before) => name === call && before === 1,
      Object.assign(new Error('full'), { code: 'ENOSPC' }),
    );
    await expect(send(form(note, note))).rejects.toMatchObject({
      status: 503,
      code: 'UPLOAD_STORE_UNAVAILABLE',
    });
    store.faults.heal();
    expect([store.files.size, store.staged()]).toEqual([0, 0]);
    expect(await records.list({ states: ['kept', 'held'], limit: 10 })).toEqual([]);
    expect(events).toMatchObject([{ type: 'UPLOAD_FAILED' }]);
  });

  it('of the rows leaves no file either', async () => {
    const store = testStore();
    const { send, records } = testUpload(TEXT, { store });
    records.add = () => Promise.reject(new Error('down'));
    await expect(send(form(note))).rejects.toMatchObject({ status: 503 });
    expect([store.files.size, store.staged()]).toEqual([0, 0]);
  });
});

describe('a file in which the scanner finds something', () => {
  it('is refused, and lies in quarantine', async () => {
    const { send, store, records, events } = testUpload(SCANNED, { scanner: says(EVIL) });
    await expect(send(form(note))).rejects.toMatchObject({
      status: 422,
      code: 'FILE_INFECTED',
      message: 'The file is infected.',
    });
    const [row] = await records.list({ limit: 10 });
    expect(row).toMatchObject({ state: 'infected', signature: 'Test.Evil', displayName: 'note.txt' });
    expect([...store.files.keys()]).toEqual([`quarantine/${row?.id}`]);
    expect(events).toMatchObject([
      { type: 'FILE_INFECTED', fields: { subject: row?.id, details: { signature: 'Test.Evil' } } },
    ]);
    expect(await openUpload({ store, records }, row?.id ?? '')).toBeUndefined();
    expect(store.staged()).toBe(0);
  });

  it('takes its fellows along', async () => {
    const { send, store, records } = testUpload({ ...SCANNED, maxFiles: 2 }, { scanner: says(CLEAN, EVIL) });
    await expect(send(form(note, note))).rejects.toMatchObject({ status: 422 });
    expect(store.files.size).toBe(1);
    expect(await records.list({ states: ['kept'], limit: 10 })).toEqual([]);
  });

  it('is refused too where quarantine cannot be written', async () => {
    const { send, store, events } = testUpload(SCANNED, { scanner: says(EVIL) });
    store.faults.throwWhen((name) => name === 'keep');
    await expect(send(form(note))).rejects.toMatchObject({ status: 422 });
    expect(events.map(({ type }) => type)).toEqual(['FILE_INFECTED', 'UPLOAD_FAILED']);
    expect([store.files.size, store.staged()]).toEqual([0, 0]);
  });
});

describe('while the scanner is down', () => {
  it('files are refused, where nothing else is said', async () => {
    const { send, store, events } = testUpload(
      { ...TEXT, scan: { clamd: '127.0.0.1:1' } },
      { scanner: says(DOWN) },
    );
    await expect(send(form(note))).rejects.toMatchObject({ status: 503, code: 'SCANNER_UNAVAILABLE' });
    expect(store.files.size).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(['UPLOAD_SCANNER_DOWN', 'UPLOAD_REFUSED']);
  });

  it('or they are held, and released or put into quarantine once it is back', async () => {
    const scanner = says(DOWN, DOWN, DOWN, DOWN, CLEAN, EVIL);
    const { send, store, records, events, uploader, clock } = testUpload(SCANNED, { scanner });
    const one = (await send(form(note))).files[0];
    clock.advance(1);
    const two = (await send(form(note))).files[0];
    expect([one?.state, two?.state]).toEqual(['held', 'held']);
    expect(await openUpload({ store, records }, one?.id ?? '')).toBeUndefined();
    expect(await uploader.rescan(10)).toEqual({ released: 0, infected: 0, waiting: 2 });
    expect(await uploader.rescan(10)).toEqual({ released: 1, infected: 1, waiting: 0 });
    expect([...store.files.keys()].toSorted()).toEqual(
      [`kept/${one?.id}`, `quarantine/${two?.id}`].toSorted(),
    );
    expect(await records.get(two?.id ?? '')).toMatchObject({ state: 'infected', changedBy: 'scanner' });
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['UPLOAD_RELEASED', 'FILE_INFECTED']);
    expect(await openUpload({ store, records }, one?.id ?? '')).toMatchObject({
      row: { displayName: 'note.txt' },
    });
  });

  it('one that cannot be opened keeps no other waiting', async () => {
    const { send, store, records, clock, uploader } = testUpload(SCANNED, {
      scanner: says(DOWN, DOWN, CLEAN),
    });
    const broken = (await send(form(note))).files[0]?.id ?? '';
    clock.advance(1);
    await send(form(note));
    const open = store.open.bind(store);
    vi.spyOn(store, 'open').mockImplementation((zone, key) =>
      key === broken ? Promise.reject(new RampartError('SECRET_UNREADABLE', 'gone')) : open(zone, key),
    );
    expect(await uploader.rescan(10)).toEqual({ released: 1, infected: 0, waiting: 1 });
    expect(await records.get(broken)).toMatchObject({ state: 'held' });
  });

  it('a round that ended in the middle is finished by the next one', async () => {
    const { send, store, records, uploader } = testUpload(SCANNED, { scanner: says(DOWN, CLEAN) });
    const id = (await send(form(note))).files[0]?.id ?? '';
    const change = vi.spyOn(records, 'change').mockRejectedValueOnce(new Error('down'));
    await expect(uploader.rescan(10)).rejects.toThrow('down');
    expect(change).toHaveBeenCalledOnce();
    expect(await uploader.rescan(10)).toEqual({ released: 1, infected: 0, waiting: 0 });
    expect([...store.files.keys()]).toEqual([`kept/${id}`]);
  });

  it('what it does not take is refused', async () => {
    const { send } = testUpload(SCANNED, { scanner: says({ kind: 'too-large' }) });
    await expect(send(form(note))).rejects.toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
  });
});

describe('a picture that is written anew', () => {
  const options: UploadOptions = { types: ['image/jpeg', 'image/heic'], images: { reencode: true } };

  it('stands upright and has lost whatever else was in it', async () => {
    const made = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#888' } })
      .jpeg()
      .withMetadata({ orientation: 6, exif: { IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitudeRef: 'N' } } })
      .toBuffer();
    const { send, store } = testUpload(options, { reencode: await sharpReencode() });
    const { files } = await send(
      form({ name: 'x.jpg', bytes: Buffer.concat([made, Buffer.from('trailer')]) }),
    );
    expect(files[0]).toMatchObject({ width: 20, height: 40, type: 'image/jpeg' });
    const kept = store.files.get(`kept/${files[0]?.id}`) as Buffer;
    const { orientation, exif } = await sharp(kept).metadata();
    expect([orientation ?? 1, exif]).toEqual([1, undefined]);
    expect(kept.includes('somebody') || kept.includes('trailer')).toBe(false);
    expect(files[0]?.bytes).toBe(kept.length);
    expect(store.staged()).toBe(0);
  });

  it('is refused where it cannot be decoded', async () => {
    const broken = pngOf(40, 20);
    const { send } = testUpload(
      { types: ['image/png'], images: { reencode: true } },
      { reencode: await sharpReencode() },
    );
    await expect(send(form({ name: 'x.png', bytes: broken }))).rejects.toMatchObject({
      status: 400,
      code: 'FILE_MISMATCH',
    });
  });

  it('needs somebody who writes it', () => {
    const { store, records, clock } = testUpload(TEXT);
    const ports = { store, records, clock, timers: clock, events: { emit: () => undefined } };
    expect(() => upload('x', options, ports)).toThrow(OptionsError);
  });
});

describe('a file that is handed out', () => {
  it('is saved, not shown, and may do nothing', async () => {
    const { send, store, records } = testUpload({ types: ['application/zip'] });
    const { files } = await send(
      form({ name: 'a";\u00e4 (1).zip'.replace('"', "'"), bytes: zipOf([{ name: 'a', data: 'x' }]) }),
    );
    const opened = await openUpload({ store, records }, files[0]?.id ?? '');
    const headers = Object.fromEntries(
      Array.from(
        { length: (opened?.headers.length ?? 0) / 2 },
        (_, i) => opened?.headers.slice(2 * i, 2 * i + 2) ?? [],
      ),
    ) as Record<string, string>;
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `attachment; filename="a'__ (1).zip"; filename*=UTF-8''a%27_%C3%A4%20%281%29.zip`,
    });
    expect(await openUpload({ store, records }, 'upl_none')).toBeUndefined();
  });
});

describe('options of an upload', () => {
  it.each([
    [{}, 'uploads.test.types'],
    [{ types: [] }, 'uploads.test.types'],
    [{ types: ['text/html'] }, 'uploads.test.types[0]'],
    [{ ...TEXT, maxFile: 1 }, 'uploads.test.maxFile'],
    [{ ...TEXT, scan: { clamd: 'x' } }, 'uploads.test.scan.clamd'],
    [{ ...TEXT, scan: { clamd: '127.0.0.1:99999' } }, 'uploads.test.scan.clamd'],
    [{ ...TEXT, encodings: ['compress'] }, 'uploads.test.encodings[0]'],
    [{ ...TEXT, images: { maxPixel: 1 } }, 'uploads.test.images.maxPixel'],
  ])('%j are refused by their path', (options, path) => {
    expect(() => testUpload(options as unknown as UploadOptions)).toThrow(expect.objectContaining({ path }));
  });
});
