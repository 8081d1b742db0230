import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FileStore } from '../../ports/files.ts';
import { diskFiles } from '../../stores/disk/index.ts';
import { filesSuite, textOf } from '../../testing/suites/files.ts';
import { secretBox } from './box.ts';
import { type FileKeys, sealedFiles } from './sealed-files.ts';

const KEY = randomBytes(32);
const MARK = 'X5O!P%@AP[4';

function memoryKeys(): FileKeys & { readonly all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    async add(id, sealed) {
      if (all.has(id)) throw Object.assign(new Error('there is one'), { code: 'EEXIST' });
      all.set(id, sealed);
    },
    find: (id) => Promise.resolve(all.get(id)),
    async remove(id) {
      all.delete(id);
    },
  };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
async function opened(box = secretBox([{ id: 'a', key: KEY }])) {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-sealed-'));
  folders.push(dir);
  const inner = await diskFiles({ dir });
  const keys = memoryKeys();
  return { dir, inner, keys, files: await sealedFiles(inner, { box, keys }) };
}
async function put(files: FileStore, zone: 'kept' | 'held' | 'quarantine', key: string, bytes: Uint8Array) {
  const staged = await files.stage();
  await staged.write(bytes);
  await staged.seal();
  await staged.keep(zone, key);
}

filesSuite('sealed, on disk', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-sealed-'));
  const inner = await diskFiles({ dir });
  const files = await sealedFiles(inner, { box: secretBox([{ id: 'a', key: KEY }]), keys: memoryKeys() });
  return {
    files,
    async close() {
      rmSync(dir, { recursive: true, force: true });
    },
  };
});

describe('files that are held or infected', () => {
  const UNREADABLE = { code: 'SECRET_UNREADABLE' };
  const chunk = 65_536;
  const long = Buffer.concat([1, 2, 3, 4].map((letter) => Buffer.alloc(chunk, letter)));

  it('are noise to whoever reads the disk, and plain once they are released', async () => {
    const { dir, files, keys } = await opened();
    const bytes = Buffer.from(MARK.repeat(1_000));
    for (const zone of ['held', 'quarantine'] as const) {
      await put(files, zone, `upl_${zone}`, bytes);
      expect(readFileSync(join(dir, zone, `upl_${zone}`)).includes(MARK)).toBe(false);
      expect([...keys.all.values()].join('')).not.toContain(MARK);
    }
    expect(readdirSync(join(dir, 'stage'))).toEqual([]);
    expect(await files.move('held', 'upl_held', 'kept')).toBe(true);
    expect(readFileSync(join(dir, 'kept', 'upl_held')).equals(bytes)).toBe(true);
    // What is released has no key any more.
    expect([...keys.all.keys()]).toEqual(['upl_quarantine']);
  });

  it.each<[string, (sealed: Buffer, header: number) => Buffer]>([
    ['cut at the end of a piece', (sealed, header) => sealed.subarray(0, header + 2 * (chunk + 16))],
    ['cut within a piece', (sealed) => sealed.subarray(0, -1)],
    ['cut before its first piece', (sealed, header) => sealed.subarray(0, header)],
    [
      'with two pieces swapped',
      (sealed, header) => {
        const piece = (i: number) =>
          sealed.subarray(header + i * (chunk + 16), header + (i + 1) * (chunk + 16));
        return Buffer.concat([sealed.subarray(0, header), piece(1), piece(0), piece(2), piece(3)]);
      },
    ],
    [
      'with a piece taken out',
      (sealed, header) => Buffer.concat([sealed.subarray(0, header), sealed.subarray(header + chunk + 16)]),
    ],
    [
      'with its last piece twice',
      (sealed, header) => Buffer.concat([sealed, sealed.subarray(header + 3 * (chunk + 16))]),
    ],
    [
      'with one bit changed',
      (sealed) => {
        const changed = Buffer.from(sealed);
        changed[sealed.byteLength - 70_000] = (changed[sealed.byteLength - 70_000] as number) ^ 1;
        return changed;
      },
    ],
    ['with something behind it', (sealed) => Buffer.concat([sealed, Buffer.from('x')])],
    ['in plain text', () => long],
    ['of nothing', () => Buffer.alloc(0)],
  ])('are refused %s', async (_, change) => {
    const { dir, files } = await opened();
    await put(files, 'held', 'upl_1', long);
    const path = join(dir, 'held', 'upl_1');
    const sealed = readFileSync(path);
    writeFileSync(path, change(sealed, sealed.byteLength - 4 * (chunk + 16)));
    const read = async (): Promise<unknown> => textOf(await files.open('held', 'upl_1'));
    await expect(read()).rejects.toMatchObject(UNREADABLE);
    // Nothing of it is released, not even its good beginning.
    await expect(files.move('held', 'upl_1', 'kept')).rejects.toMatchObject(UNREADABLE);
    expect(await files.open('kept', 'upl_1')).toBeUndefined();
    expect(readdirSync(join(dir, 'stage'))).toEqual([]);
  });

  it('open under their own id alone', async () => {
    const { inner, files, keys } = await opened();
    await put(files, 'held', 'upl_1', Buffer.from('one'));
    await put(files, 'held', 'upl_2', Buffer.from('two'));
    await inner.remove('held', 'upl_2');
    const other = await inner.open('held', 'upl_1');
    await put(inner, 'held', 'upl_2', (await other?.read(0, 10_000)) as Uint8Array);
    await other?.close();
    await expect(files.open('held', 'upl_2')).rejects.toMatchObject(UNREADABLE);
    keys.all.set('upl_2', keys.all.get('upl_1') as string);
    await expect(files.open('held', 'upl_2')).rejects.toMatchObject(UNREADABLE);
    expect(await textOf(await files.open('held', 'upl_1'))).toBe('one');
  });

  it('are gone with their key, wherever copies of them lie', async () => {
    const { dir, files, keys } = await opened();
    await put(files, 'quarantine', 'upl_1', Buffer.from(MARK));
    const copy = readFileSync(join(dir, 'quarantine', 'upl_1'));
    expect(await files.remove('quarantine', 'upl_1')).toBe(true);
    expect(keys.all.size).toBe(0);
    writeFileSync(join(dir, 'quarantine', 'upl_1'), copy);
    await expect(files.open('quarantine', 'upl_1')).rejects.toMatchObject(UNREADABLE);
  });

  it('are gone with the key of the house that sealed theirs, and open after it was rotated', async () => {
    const { inner, keys, files } = await opened();
    await put(files, 'held', 'upl_1', Buffer.from('old'));
    const next = { id: 'b', key: randomBytes(32) };
    const rotated = await sealedFiles(inner, { box: secretBox([next, { id: 'a', key: KEY }]), keys });
    expect(await textOf(await rotated.open('held', 'upl_1'))).toBe('old');
    const destroyed = await sealedFiles(inner, { box: secretBox([next]), keys });
    await expect(destroyed.open('held', 'upl_1')).rejects.toMatchObject(UNREADABLE);
  });

  it('leave neither file nor key where the disk is full', async () => {
    const { inner, dir } = await opened();
    const keys = memoryKeys();
    const full: FileStore = {
      ...inner,
      stage: async () => {
        const staged = await inner.stage();
        let written = 0;
        return {
          write: (chunk) =>
            (written += chunk.byteLength) > 100_000
              ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
              : staged.write(chunk),
          seal: () => staged.seal(),
          keep: (...where) => staged.keep(...where),
          discard: () => staged.discard(),
        };
      },
    };
    const files = await sealedFiles(full, { box: secretBox([{ id: 'a', key: KEY }]), keys });
    const staged = await files.stage();
    await staged.write(long.subarray(0, 100_000));
    await staged.seal();
    await expect(staged.keep('held', 'upl_1')).rejects.toMatchObject({ code: 'ENOSPC' });
    await staged.discard();
    expect([keys.all.size, readdirSync(join(dir, 'stage')), readdirSync(join(dir, 'held'))]).toEqual([
      0,
      [],
      [],
    ]);
  });
});
