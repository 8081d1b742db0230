import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diskFiles } from './index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
async function opened() {
  const dir = join(mkdtempSync(join(tmpdir(), 'rampart-files-')), 'files');
  folders.push(join(dir, '..'));
  return { dir, files: await diskFiles({ dir }) };
}
async function text(reading: { stream(): AsyncIterable<Uint8Array>; close(): Promise<void> } | undefined) {
  const chunks: Uint8Array[] = [];
  if (reading) for await (const chunk of reading.stream()) chunks.push(chunk);
  await reading?.close();
  return Buffer.concat(chunks).toString();
}

describe('files on the disk', () => {
  it('are seen whole or not at all, by nobody but this account', async () => {
    const { dir, files } = await opened();
    const staged = await files.stage();
    await staged.write(Buffer.from('he'));
    await staged.write(Buffer.from('llo'));
    const reading = await staged.seal();
    expect(Buffer.from(await reading.read(1, 3)).toString()).toBe('el');
    expect(await text(reading)).toBe('hello');
    expect(await files.open('kept', 'upl_1')).toBeUndefined();
    await staged.keep('kept', 'upl_1');
    expect(await text(await files.open('kept', 'upl_1'))).toBe('hello');
    expect(statSync(join(dir, 'kept', 'upl_1')).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(dir, 'stage'))).toEqual([]);
    await staged.discard();
    expect(await text(await files.open('kept', 'upl_1'))).toBe('hello');
  });

  it('are never replaced', async () => {
    const { files } = await opened();
    for (const [content, fine] of [
      ['one', true],
      ['two', false],
    ] as const) {
      const staged = await files.stage();
      await staged.write(Buffer.from(content));
      await staged.seal();
      if (fine) await staged.keep('kept', 'a');
      else await expect(staged.keep('kept', 'a')).rejects.toMatchObject({ code: 'EEXIST' });
      await staged.discard();
    }
    expect(await text(await files.open('kept', 'a'))).toBe('one');
  });

  it('leave nothing when they are discarded', async () => {
    const { dir, files } = await opened();
    const staged = await files.stage();
    await staged.write(Buffer.from('x'));
    await staged.discard();
    await staged.discard();
    expect(readdirSync(join(dir, 'stage'))).toEqual([]);
  });

  it('are moved and removed in one step, once', async () => {
    const { files } = await opened();
    const staged = await files.stage();
    await staged.seal();
    await staged.keep('held', 'a');
    expect(await files.move('held', 'a', 'quarantine')).toBe(true);
    expect(await files.move('held', 'a', 'quarantine')).toBe(false);
    expect(await files.remove('quarantine', 'a')).toBe(true);
    expect(await files.remove('quarantine', 'a')).toBe(false);
  });

  it.each(['../x', 'a/b', '', 'A', 'a\u0000', '.', 'x'.repeat(101)])(
    'have no name such as %j',
    async (key) => {
      const { files } = await opened();
      await expect(files.open('kept', key)).rejects.toMatchObject({ path: 'key' });
      await expect(files.remove('kept', key)).rejects.toMatchObject({ path: 'key' });
    },
  );

  it('that were begun long ago are swept away', async () => {
    const { dir, files } = await opened();
    const left = join(dir, 'stage', 'stg_left');
    writeFileSync(left, 'x');
    utimesSync(left, 1, 1);
    const running = await files.stage();
    expect(await files.sweep(3_600_000)).toBe(1);
    expect(readdirSync(join(dir, 'stage'))).toHaveLength(1);
    await running.discard();
  });

  it('do not follow links that somebody left', async () => {
    const { dir, files } = await opened();
    symlinkSync('/etc/hostname', join(dir, 'kept', 'link'));
    await expect(files.open('kept', 'link')).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('need an absolute path', async () => {
    await expect(diskFiles({ dir: 'files' })).rejects.toMatchObject({ path: 'dir' });
  });
});
