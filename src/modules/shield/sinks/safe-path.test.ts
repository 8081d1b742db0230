import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openInside, PathError, safePath } from './index.ts';

let folder: string;
let root: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'rampart-path-')));
  root = join(folder, 'root');
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(join(folder, 'root-beside'));
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(root, 'sub', 'file.txt'), 'inside');
  symlinkSync(join(folder, 'secret'), join(root, 'to-file'));
  symlinkSync(folder, join(root, 'to-folder'));
  symlinkSync(join(folder, 'not-yet'), join(root, 'to-nothing'));
  symlinkSync(join(folder, 'root-beside'), join(root, 'to-beside'));
  symlinkSync('sub', join(root, 'to-sub'));
  symlinkSync('loop', join(root, 'loop'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const ESCAPES = [
  ['../secret', 'sub/../../secret', '..', 'sub/..', './../secret', '/etc/passwd', '~/x', '\\\\server\\share'],
  ['..\\secret', 'sub\\..\\..\\secret', 'C:\\x', 'c:x', 'C:/x', 'file.txt:stream', 'sub/file.txt::$DATA'],
  [
    'a\0.png',
    'sub/file.txt\n',
    '',
    '%2e%2e/secret',
    '..%2fsecret',
    '%252e%252e%252fsecret',
    '%c0%ae%c0%ae/x',
  ],
  ['%5c..', 'a%00.png', '．．/secret', '‥/secret', 'a／b', '... /x', '. ./x', 'x./y', 'x ', 'CON', 'nul.txt'],
  ['sub/com1', 'LPT9.log', 'aux.', 'CONIN$', 'a'.repeat(256), 'é'.repeat(128), 'a/'.repeat(3_000), '\ud800'],
].flat();

describe('safePath', () => {
  it.each(ESCAPES)('refuses %j', async (path) => {
    const emit = vi.fn();
    await expect(safePath(root, path, { events: { emit } })).rejects.toMatchObject({
      code: 'PATH_ESCAPE_BLOCKED',
      status: 400,
    });
    expect(emit).toHaveBeenCalledOnce();
    if (path.length > 3) expect(JSON.stringify(emit.mock.calls)).not.toContain(path);
  });

  it.each([
    'to-file',
    'to-folder/secret',
    'to-folder/new',
    'to-nothing',
    'to-beside/x',
    'loop',
    'sub/file.txt/x',
  ])('refuses %s, which leads elsewhere', async (path) => {
    await expect(safePath(root, path)).rejects.toMatchObject({ reason: 'link' });
    await expect(openInside(root, path, 'w')).rejects.toBeInstanceOf(PathError);
  });

  it.each([
    'sub/file.txt',
    'new.txt',
    'sub/new/deep/file',
    'to-sub/file.txt',
    './sub//file.txt',
    '...hidden',
    'a..b',
    '100% sure.pdf',
    'Rechnung für Zoë (1).pdf',
    'صورة.png',
    'console.log',
    'null',
  ])('lets %s pass', async (path) => {
    expect((await safePath(root, path)).startsWith(`${root}/`)).toBe(true);
  });

  it('never leaves its root, whatever is asked for', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        '/',
        '\\',
        'sub',
        'to-folder',
        'to-sub',
        'secret',
        '%2e',
        ' ',
        '．',
        'to-beside',
      ),
      fc.string({ maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.constantFrom('/', ''), async (parts, glue) => {
        const found = await safePath(root, parts.join(glue)).catch((error: unknown) => error);
        if (typeof found === 'string') expect(found === root || found.startsWith(`${root}/`)).toBe(true);
        else expect(found).toBeInstanceOf(PathError);
      }),
      { numRuns: 300 },
    );
  });

  it('says so where its root is not there', async () => {
    await expect(safePath(join(folder, 'nowhere'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('openInside', () => {
  it('reads, writes over, appends, and makes anew', async () => {
    const write = async (mode: 'w' | 'wx' | 'a', text: string): Promise<void> => {
      const file = await openInside(root, 'sub/out.txt', mode);
      await file.writeFile(text);
      await file.close();
    };
    await write('wx', 'a long text');
    await expect(write('wx', 'x')).rejects.toMatchObject({ code: 'EEXIST' });
    await write('w', 'short');
    await write('a', 'er');
    expect(readFileSync(join(root, 'sub/out.txt'), 'utf8')).toBe('shorter');
    const file = await openInside(root, 'sub/file.txt');
    expect(await file.readFile('utf8')).toBe('inside');
    await file.close();
    await expect(openInside(root, 'sub/none')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses folders and pipes, and does not wait for a pipe', async () => {
    await expect(openInside(root, 'sub')).rejects.toMatchObject({ reason: 'kind' });
    await expect(openInside(root, 'pipe')).rejects.toMatchObject({ reason: 'kind' });
  });

  it('refuses what is exchanged for a link while it is being opened, and empties nothing outside', async () => {
    mkdirSync(join(root, 'race'));
    writeFileSync(join(root, 'race', 'secret'), 'mine');
    const opening = openInside(root, 'race/secret', 'w');
    // While it looks: the folder becomes a link to where another file of that name stands.
    rmSync(join(root, 'race'), { recursive: true });
    symlinkSync(folder, join(root, 'race'));
    await expect(opening).rejects.toThrow();
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
  });
});
