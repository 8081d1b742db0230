import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngOf, zipOf } from '../../src/modules/upload/test-upload.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import { samplePolicy } from '../../src/server/sample-policy.ts';
import { type OwnClamd, ownClamd } from '../../src/testing/services.ts';
import { preparedFolder } from '../scenarios/prepared.ts';
import { cleanUp, eventually, type Running, start } from '../scenarios/server.ts';
import { END, filePart, FORM, part, Sender } from './upload-client.ts';

const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const MIB = 1_048_576;
const TYPES = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/svg+xml',
  'application/pdf',
  'application/xml',
  'application/zip',
  'application/gzip',
  'text/plain',
];
const CONFIG: RampartConfig = {
  access: samplePolicy,
  // Short forms are held until they are whole: it is the connection's own pace that ends one that stops.
  connections: { uploadWindow: '1s' },
  uploads: {
    sample: { types: TYPES, maxFileBytes: 8 * MIB, encodings: ['gzip', 'br', 'zstd'], idle: '500ms' },
  },
};
const jpeg = await sharp({ create: { width: 30, height: 20, channels: 3, background: '#abc' } })
  .jpeg()
  .toBuffer();
const clamd = await ownClamd();

/** Every file of the server's data folder that belongs to uploads. */
function filesOf(server: Running): readonly string[] {
  const root = join(server.dir, 'data', 'uploads');
  return ['stage', 'kept', 'held', 'quarantine'].flatMap((zone) =>
    readdirSync(join(root, zone)).map((name) => `${zone}/${name}`),
  );
}

describe('files that people send', () => {
  let server: Running;
  let ada: Sender;
  beforeAll(async () => {
    server = await start({ dir: await preparedFolder(), config: CONFIG });
    ada = await Sender.named(server.port, 'ada');
    // What is loaded with the first file is no growth.
    await ada.file('warm.zip', zipOf([{ name: 'a', data: 'x' }]));
    await ada.file('warm.jpg', jpeg);
  });
  afterAll(cleanUp);

  it('are kept for whoever sent them and nobody else', async () => {
    const sent = await ada.file('näme.txt', 'hello');
    expect(sent.status).toBe(201);
    const { id, name, type } = JSON.parse(sent.body) as Record<string, string>;
    expect([name, type]).toEqual(['näme.txt', 'text/plain']);
    const got = await ada.ask('GET', `/sample/uploads/${id}`);
    expect([got.status, got.body]).toEqual([200, 'hello']);
    expect(got.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `attachment; filename="n_me.txt"; filename*=UTF-8''n%C3%A4me.txt`,
    });
    const bob = await Sender.named(server.port, 'bob');
    for (const method of ['GET', 'DELETE'])
      expect((await bob.ask(method, `/sample/uploads/${id}`)).status).toBe(404);
    expect((await bob.ask('GET', '/sample/uploads')).body).not.toContain(id);
    const admin = new Sender(server.port, server.key);
    expect((await admin.ask('GET', `/sample/uploads/${id}`)).status).toBe(200);
    const nobody = new Sender(server.port, 'x');
    expect((await nobody.file('a.txt')).status).toBe(401);
    expect((await ada.ask('DELETE', `/sample/uploads/${id}`)).status).toBe(204);
    expect((await ada.ask('GET', `/sample/uploads/${id}`)).status).toBe(404);
    expect(filesOf(server)).not.toContain(`kept/${id}`);
  });

  it.each<[string, Buffer | string]>([
    [
      '10^5 parts',
      Buffer.concat(
        Array.from({ length: 100_000 }, (_, i) => part(`content-disposition: form-data; name="f${i}"`, '')),
      ),
    ],
    ['10^5 files', Buffer.concat(Array.from({ length: 100_000 }, () => filePart('a.txt', 'x')))],
    [
      '1 MB of headers in a part',
      part(`content-disposition: form-data; name="file"; filename="a.txt"\r\nx-long: ${'x'.repeat(MIB)}`),
    ],
    ['10^5 headers in a part', part(Array.from({ length: 100_000 }, (_, i) => `x-${i}: 1`).join('\r\n'))],
    ['no last boundary', filePart('a.txt')],
    ['a part that is cut off', filePart('a.txt').subarray(0, -4)],
    ['two files of one field', Buffer.concat([filePart('a.txt'), filePart('a.txt'), Buffer.from(END)])],
    [
      'a file name in pieces',
      Buffer.concat([
        part('content-disposition: form-data; name="file"; filename*0="a."; filename*1="php"'),
        Buffer.from(END),
      ]),
    ],
    [
      'names of two kinds',
      Buffer.concat([
        part(`content-disposition: form-data; name="file"; filename="a.txt"; filename*=UTF-8''a.php`),
        Buffer.from(END),
      ]),
    ],
    [
      'filename* that leads out',
      Buffer.concat([
        part(`content-disposition: form-data; name="file"; filename*=UTF-8''..%2f..%2fetc%2fpasswd`),
        Buffer.from(END),
      ]),
    ],
    [
      'filename* of a strange charset',
      Buffer.concat([
        part(`content-disposition: form-data; name="file"; filename*=utf-7''a.txt`),
        Buffer.from(END),
      ]),
    ],
    [
      'filename* with NUL',
      Buffer.concat([
        part(`content-disposition: form-data; name="file"; filename*=UTF-8''a.php%00.txt`),
        Buffer.from(END),
      ]),
    ],
    [
      'two file names',
      Buffer.concat([
        part('content-disposition: form-data; name="file"; filename="a.txt"; filename="a.php"'),
        Buffer.from(END),
      ]),
    ],
    ['a path', Buffer.concat([filePart('../../../etc/cron.d/x'), Buffer.from(END)])],
    ['a path of Windows', Buffer.concat([filePart('..\\..\\x.txt'), Buffer.from(END)])],
    ['an escaped path', Buffer.concat([filePart('..%2f..%2fx.txt'), Buffer.from(END)])],
    ['a double extension', Buffer.concat([filePart('shell.php.jpg', jpeg), Buffer.from(END)])],
    ['an extension with a dot behind it', Buffer.concat([filePart('shell.php.', 'x'), Buffer.from(END)])],
    ['NUL in a name', Buffer.concat([filePart('a\u0000.txt'), Buffer.from(END)])],
    [
      'a picture that is a page, too',
      Buffer.concat([
        filePart('a.jpg', Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>')])),
        Buffer.from(END),
      ]),
    ],
    [
      'a picture that is an archive, too',
      Buffer.concat([
        filePart('a.jpg', Buffer.concat([jpeg, zipOf([{ name: 'a', data: 'x' }])])),
        Buffer.from(END),
      ]),
    ],
    [
      'an archive called a picture',
      Buffer.concat([filePart('a.jpg', zipOf([{ name: 'a', data: 'x' }])), Buffer.from(END)]),
    ],
    ['a text called a document', Buffer.concat([filePart('a.pdf', 'hello'), Buffer.from(END)])],
  ])('A60: a form with %s is refused', async (_what, body) => {
    const answer = await ada.post(body);
    // 403 where the inspection saw a path in a file's name before the upload did.
    expect([400, 403, 413]).toContain(answer.status);
    expect(answer.headers['x-rampart-decision']).toMatch(/^dec_/);
    expect(answer.ms).toBeLessThan(5_000);
  });

  it.each([
    ['a boundary of 10 kB', `multipart/form-data; boundary=${'x'.repeat(10_000)}`],
    ['no boundary', 'multipart/form-data'],
    ['two boundaries', `${FORM}; boundary=other`],
    ['an empty boundary', 'multipart/form-data; boundary=""'],
  ])('A60: a form with %s is refused with 400', async (_what, type) => {
    expect((await ada.post(filePart('a.txt'), { 'content-type': type })).status).toBe(400);
  });

  it('A59: what grows when it is unpacked is refused, and memory does not grow with it', async () => {
    const zeros = Buffer.alloc(24 * MIB);
    const deep = Array.from({ length: 6 }).reduce<Buffer>(
      (inner) => zipOf([{ name: 'a.zip', data: inner, stored: true }]),
      zipOf([{ name: 'a', data: 'x' }]),
    );
    const pdf = (dictionary: string, data: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from(`%PDF-1.7\n1 0 obj\n<< ${dictionary} >>\nstream\n`),
        data,
        Buffer.from('\nendstream\nendobj\n'),
      ]);
    const bombs: readonly (readonly [string, Buffer | string])[] = [
      ['a.zip', zipOf([{ name: 'a', data: zeros }])],
      ['a.zip', deep],
      ['a.zip', zipOf([{ name: 'a', data: zeros, says: 1_000 }])],
      [
        'a.zip',
        zipOf(Array.from({ length: 16 }, (_, i) => ({ name: `${i}`, data: 'x'.repeat(1_000), at: 0 }))),
      ],
      ['a.gz', gzipSync(zeros)],
      ['a.png', pngOf(50_000, 50_000)],
      [
        'a.svg',
        `<!DOCTYPE svg [<!ENTITY a "${'a'.repeat(1_000)}"><!ENTITY b "${'&a;'.repeat(1_000)}">]><svg>&b;</svg>`,
      ],
      ['a.xml', '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'],
      [
        'a.pdf',
        pdf('/Filter [/FlateDecode /FlateDecode /FlateDecode]', deflateSync(deflateSync(deflateSync(zeros)))),
      ],
      ['a.pdf', Buffer.from(`%PDF-1.7\n${'1 0 obj\nendobj\n'.repeat(520_000)}`)],
    ];
    const before = server.rss();
    let most = before;
    for (const [name, bomb] of bombs) {
      const { status } = await ada.file(name, bomb);
      expect([name, status]).toEqual([
        name,
        expect.toSatisfy((code: number) => [400, 413, 422].includes(code)),
      ]);
      most = Math.max(most, server.rss());
    }
    expect(most - before).toBeLessThan(64 * MIB);
  });

  it.each(['gzip', 'br', 'zstd'])('A59: a body of %s is cut while it is decoded', async (coding) => {
    const bomb = Buffer.concat([filePart('a.txt', Buffer.alloc(24 * MIB, 32)), Buffer.from(END)]);
    const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };
    const encoded =
      coding === 'gzip'
        ? gzipSync(bomb)
        : coding === 'br'
          ? brotliCompressSync(bomb, fast)
          : zstdCompressSync(bomb);
    expect(bomb.length / encoded.length).toBeGreaterThan(900);
    const before = server.rss();
    expect((await ada.post(encoded, { 'content-encoding': coding })).status).toBe(413);
    expect(server.rss() - before).toBeLessThan(64 * MIB);
  });

  it('of 10 GB are refused at the limit, with constant memory, whether they say so or not', async () => {
    const before = server.rss();
    const piece = Buffer.alloc(MIB, 'x');
    const head = filePart('a.txt', '').subarray(0, -2);
    const said = await ada.flood(head, piece, 10_000 * MIB, { 'content-length': String(10_000 * MIB) });
    expect(said.status === 413 || said.status === 0).toBe(true);
    const unsaid = await ada.flood(head, piece, 10_000 * MIB);
    expect(unsaid.status === 413 || unsaid.status === 0).toBe(true);
    expect(Math.max(said.sent, unsaid.sent)).toBeLessThan(64 * MIB);
    expect(server.rss() - before).toBeLessThan(64 * MIB);
  });

  it('that stop coming are cut off, and those whose sender goes leave nothing', async () => {
    const before = filesOf(server);
    const slow = await ada.flood(filePart('a.txt').subarray(0, -2), Buffer.alloc(0), 0, {
      'content-length': '1000',
    });
    expect([408, 0]).toContain(slow.status);
    for (let i = 0; i < 5; i++) await ada.abandon(filePart('a.txt', 'x'.repeat(50_000)));
    await eventually(
      () => Promise.resolve(filesOf(server)),
      (files) => files.length === before.length,
    );
    expect(filesOf(server)).toEqual(before);
  });

  it('are seen by administrators, refused ones too, and lead to their decision', async () => {
    const refused = await ada.file('a.txt', '<script>');
    const decision = refused.headers['x-rampart-decision'] as string;
    const { body } = await server.ask<{ uploads: { decision: string; reason: string; owner: string }[] }>(
      'GET',
      '/admin/uploads?state=refused',
    );
    expect(body.uploads[0]).toMatchObject({
      decision,
      reason: 'upload.type',
      owner: 'sample:ada',
      state: 'refused',
    });
    const explained = await eventually(
      () => server.ask<{ guard: string; phase: string }>('GET', `/admin/decisions/${decision}`),
      ({ status }) => status === 200,
    );
    expect(JSON.stringify(explained.body)).toContain('upload.type');
    expect((await ada.ask('GET', '/admin/uploads')).status).toBe(401);
  });
});

describe.skipIf('absent' in clamd)('files that are scanned', () => {
  const scanner = clamd as OwnClamd;
  let server: Running;
  let ada: Sender;
  beforeAll(async () => {
    await scanner.start();
    const scan = { clamd: scanner.socket, onDown: 'hold' } as const;
    const config: RampartConfig = {
      access: samplePolicy,
      uploads: { sample: { types: ['text/plain', 'application/zip'], scan } },
    };
    server = await start({ dir: await preparedFolder(), config });
    ada = await Sender.named(server.port, 'ada');
  });
  afterAll(async () => {
    await cleanUp();
    await scanner.remove();
  });

  it('are refused and put into quarantine where something is found, and released or deleted by an administrator', async () => {
    expect((await ada.file('clean.txt', 'hello')).status).toBe(201);
    const packed = zipOf([{ name: 'a.txt', data: EICAR, stored: true }]);
    for (const [name, bytes] of [
      ['a.txt', EICAR],
      ['a.zip', packed],
    ] as const) {
      const answer = await ada.file(name, bytes);
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
        422,
        { error: { code: 'FILE_INFECTED' } },
      ]);
    }
    const list = () =>
      server.ask<{ uploads: { id: string; signature: string; state: string }[] }>('GET', '/admin/quarantine');
    const [second, first] = (await list()).body.uploads;
    expect(first).toMatchObject({ state: 'infected', signature: 'Rampart.Eicar.UNOFFICIAL' });
    expect(filesOf(server).filter((path) => path.startsWith('quarantine/'))).toHaveLength(2);
    expect((await ada.ask('GET', `/sample/uploads/${first?.id}`)).status).toBe(404);
    const released = await server.ask('POST', `/admin/quarantine/${first?.id}/release`, {
      reason: 'A test file.',
    });
    expect([released.status, released.body]).toMatchObject([200, { state: 'kept', changedBy: 'operator' }]);
    expect((await ada.ask('GET', `/sample/uploads/${first?.id}`)).body).toBe(EICAR);
    expect((await server.ask('DELETE', `/admin/quarantine/${second?.id}`)).status).toBe(204);
    expect((await server.ask('DELETE', `/admin/quarantine/${second?.id}`)).status).toBe(404);
    expect((await server.ask('DELETE', `/admin/uploads/${first?.id}`)).status).toBe(204);
    expect(filesOf(server)).toHaveLength(1);
    const { body } = await server.ask<{ events: { type: string }[] }>('GET', '/admin/events?limit=50');
    for (const type of ['QUARANTINE_RELEASED', 'QUARANTINE_DELETED', 'UPLOAD_DELETED', 'FILE_INFECTED'])
      expect(body.events.map((event) => event.type)).toContain(type);
  });

  it('wait where the scanner is gone, and nobody has them meanwhile', async () => {
    await scanner.remove();
    const sent = await ada.file('a.txt', 'hello');
    const { id, state } = JSON.parse(sent.body) as Record<string, string>;
    expect([sent.status, state]).toEqual([201, 'held']);
    expect((await ada.ask('GET', `/sample/uploads/${id}`)).status).toBe(404);
    expect(filesOf(server)).toContain(`held/${id}`);
  });
});
