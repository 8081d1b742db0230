import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UploadRefused } from './errors.ts';
import { attacks } from './test-attacks.ts';
import { honestDocuments } from './test-honest-documents.ts';
import { honestPictures } from './test-honest-pictures.ts';
import { honestMedia, honestTexts } from './test-honest-texts.ts';
import { form, type TestFile, testUpload } from './test-upload.ts';
import { TYPES } from './types.ts';

const EVERY_TYPE = Object.keys(TYPES);

/** Sends each by itself to a place that takes every type. @returns why those were refused that were */
async function refusedOf(files: readonly TestFile[]): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  for (const file of files) {
    const { send } = testUpload({ types: EVERY_TYPE });
    try {
      await send(form(file));
    } catch (error) {
      if (!(error instanceof UploadRefused)) throw error;
      refused.set(file.name, error.reason);
    }
  }
  return refused;
}

describe('honest files', () => {
  it.each([
    ['pictures', 30, honestPictures],
    ['documents and archives', 36, honestDocuments],
    ['texts and names', 28, honestTexts],
    ['sound and film', 15, honestMedia],
  ] as const)(
    'are accepted where their type is on the list: %s, 0 of %d refused',
    async (_what, count, make) => {
      const files = await make();
      expect(files).toHaveLength(count);
      expect(Object.fromEntries(await refusedOf(files))).toEqual({});
    },
  );

  it('are refused where the manual says so, and nowhere else', async () => {
    const files: readonly TestFile[] = [
      { name: 'empty.txt', type: 'text/plain', bytes: '' },
      {
        name: 'badge first.md',
        type: 'text/markdown',
        bytes: '<p align="center"><img src="a.png"></p>\n\n# Name',
      },
      { name: 'build.txt', type: 'text/plain', bytes: '#!/bin/sh\necho hello\n' },
      { name: 'no mark.txt', type: 'text/plain', bytes: Buffer.from('hello', 'utf16le') },
      { name: 'lines.json', type: 'application/json', bytes: '{"a":1}\n{"a":2}\n' },
      { name: 'Acme.Inc.pdf', type: 'application/pdf', bytes: '%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF' },
      {
        name: 'course.pdf',
        type: 'application/pdf',
        bytes: '%PDF-1.4\n1 0 obj\n<< /Title (HTML/JavaScript) >>\nendobj\n%%EOF',
      },
      {
        name: 'linked.svg',
        type: 'image/svg+xml',
        bytes: '<svg><a href="https://example.org"><text>x</text></a></svg>',
      },
      { name: 'twice.gz', type: 'application/gzip', bytes: gzipSync(gzipSync('x')) },
    ];
    expect([...(await refusedOf(files)).keys()]).toEqual(files.map(({ name }) => name));
  });
});

describe('attacks beside them', () => {
  it('are all refused, 71 of 71', async () => {
    const files = await attacks();
    expect(files).toHaveLength(71);
    const refused = await refusedOf(files);
    expect(files.filter(({ name }) => !refused.has(name)).map(({ name }) => name)).toEqual([]);
  });
});
