import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileReading, FileStore } from '../../ports/files.ts';

/** A store of files under test. */
export interface FilesUnderTest {
  readonly files: FileStore;
  close(): Promise<void>;
}

/** The whole of a file as text; undefined where there is none. */
export async function textOf(reading: FileReading | undefined): Promise<string | undefined> {
  if (reading === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of reading.stream()) chunks.push(chunk);
  await reading.close();
  return Buffer.concat(chunks).toString();
}

/** What drivers differ in. */
export interface FilesTraits {
  /** Of several who move a file at the same time, one is told that it did; default true. Object stores can't tell. */
  readonly tellsWhoMoved?: boolean;
}

/** What every driver of the files port does. */
export function filesSuite(
  name: string,
  open: () => Promise<FilesUnderTest>,
  { tellsWhoMoved = true }: FilesTraits = {},
): void {
  describe(`files: ${name}`, () => {
    let under: FilesUnderTest;
    let files: FileStore;
    let count = 0;
    const newKey = (): string => `upl_${++count}`;
    beforeAll(async () => {
      under = await open();
      files = under.files;
    });
    afterAll(() => under.close());
    const put = async (zone: 'kept' | 'held' | 'quarantine', key: string, text: string): Promise<void> => {
      const staged = await files.stage();
      try {
        await staged.write(Buffer.from(text));
        await staged.seal();
        await staged.keep(zone, key);
      } finally {
        await staged.discard();
      }
    };

    it('are seen whole or not at all', async () => {
      const key = newKey();
      const staged = await files.stage();
      await staged.write(Buffer.from('he'));
      await staged.write(new Uint8Array());
      await staged.write(Buffer.from('llo'));
      const reading = await staged.seal();
      expect(reading.bytes).toBe(5);
      expect(Buffer.from(await reading.read(1, 3)).toString()).toBe('el');
      expect(await textOf(reading)).toBe('hello');
      expect(await files.open('kept', key)).toBeUndefined();
      await staged.keep('kept', key);
      const opened = await files.open('kept', key);
      expect(opened?.bytes).toBe(5);
      expect(await textOf(opened)).toBe('hello');
      await staged.discard();
      expect(await textOf(await files.open('kept', key))).toBe('hello');
    });

    it.each(['kept', 'held', 'quarantine'] as const)(
      'hold every byte in %s, and give any part',
      async (zone) => {
        const key = newKey();
        const bytes = Buffer.from(Array.from({ length: 200_003 }, (_, i) => (i * 31 + (i >> 8)) & 255));
        const staged = await files.stage();
        for (let at = 0; at < bytes.byteLength; at += 70_001)
          await staged.write(bytes.subarray(at, at + 70_001));
        await staged.seal();
        await staged.keep(zone, key);
        const opened = (await files.open(zone, key)) as FileReading;
        const chunks: Uint8Array[] = [];
        for await (const chunk of opened.stream()) chunks.push(chunk);
        expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
        for (const [start, end] of [
          [0, 1],
          [65_535, 65_537],
          [131_000, 140_000],
          [200_000, 300_000],
          [200_003, 200_004],
          [5, 5],
        ] as const) {
          expect(Buffer.from(await opened.read(start, end)).equals(bytes.subarray(start, end))).toBe(true);
        }
        // Whoever has seen enough goes.
        for await (const chunk of opened.stream()) {
          expect(chunk.byteLength).toBeGreaterThan(0);
          break;
        }
        await opened.close();
        await opened.close();
      },
    );

    it('may be empty', async () => {
      for (const zone of ['kept', 'held'] as const) {
        const key = newKey();
        await put(zone, key, '');
        const opened = await files.open(zone, key);
        expect([opened?.bytes, await textOf(opened)]).toEqual([0, '']);
      }
    });

    it('are never replaced', async () => {
      for (const zone of ['kept', 'held'] as const) {
        const key = newKey();
        await put(zone, key, 'one');
        await expect(put(zone, key, 'two')).rejects.toMatchObject({ code: 'EEXIST' });
        expect(await textOf(await files.open(zone, key))).toBe('one');
      }
    });

    it('are moved and removed once', async () => {
      const key = newKey();
      await put('held', key, 'a file');
      expect(await files.move('held', key, 'quarantine')).toBe(true);
      expect(await files.move('held', key, 'quarantine')).toBe(false);
      expect(await files.open('held', key)).toBeUndefined();
      expect(await textOf(await files.open('quarantine', key))).toBe('a file');
      expect(await files.move('quarantine', key, 'kept')).toBe(true);
      expect(await textOf(await files.open('kept', key))).toBe('a file');
      expect(await files.remove('quarantine', key)).toBe(false);
      expect(await files.remove('kept', key)).toBe(true);
      expect(await files.remove('kept', key)).toBe(false);
    });

    it('are moved by one of several who try at the same time', async () => {
      const key = newKey();
      await put('held', key, 'once');
      const moved = await Promise.all(
        [1, 2, 3].map(() => files.move('held', key, 'kept').catch(() => false)),
      );
      expect(moved.filter((one) => one).length).toBeGreaterThanOrEqual(1);
      if (tellsWhoMoved) expect(moved.filter((one) => one).length).toBe(1);
      expect(await textOf(await files.open('kept', key))).toBe('once');
      expect(await files.open('held', key)).toBeUndefined();
    });

    it('leave nothing when they are discarded', async () => {
      const staged = await files.stage();
      await staged.write(Buffer.from('x'));
      await staged.discard();
      await staged.discard();
      expect(await files.sweep(-1_000_000)).toBe(0);
    });

    it.each(['../x', 'a/b', '', 'A', 'a\u0000', '.', 'x'.repeat(101)])(
      'have no name such as %j',
      async (key) => {
        await expect(files.open('kept', key)).rejects.toMatchObject({ path: 'key' });
        await expect(files.remove('kept', key)).rejects.toMatchObject({ path: 'key' });
        await expect(files.move('kept', key, 'held')).rejects.toMatchObject({ path: 'key' });
      },
    );
  });
}
