import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FeedEntry } from '../../src/server/api/feed-types.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-feeds-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function feeds(...args: string[]): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve('src/server/cli/main.ts'), 'feeds', ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], RAMPART_DATA_DIR: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (code) => done({ code, out, err }));
  });
}

describe('rampart feeds', () => {
  const source = join(folder, 'list.txt');
  const write = (count: number): void =>
    writeFileSync(source, Array.from({ length: count }, (_, i) => `192.0.2.${2 * i}`).join('\n'));

  it('updates, lists and takes back, and says with its exit code what came of it', async () => {
    writeFileSync(
      join(folder, 'rampart.config.mjs'),
      `export default { shield: { feeds: { own: { kind: 'list', from: ${JSON.stringify(source)} }, tor: true } } };`,
    );
    write(30);
    expect(await feeds('update', 'own')).toMatchObject({
      code: 0,
      out: expect.stringContaining('own: updated, 30 entries'),
    });
    write(40);
    expect((await feeds('update', 'own')).code).toBe(0);
    write(5);
    expect(await feeds('update', 'own')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/own: It has shrunk from 40 to 5 entries.*--force/),
    });
    const listed = await feeds('list', '--json');
    const { feeds: found } = JSON.parse(listed.out) as { readonly feeds: readonly FeedEntry[] };
    expect(found.map(({ name, state, entries }) => [name, state, entries])).toEqual([
      ['own', 'failed', 40],
      ['tor', 'missing', null],
    ]);
    expect((await feeds('rollback', 'own')).out).toContain(
      'own: the file before is in use again, 30 entries',
    );
    expect(readFileSync(join(folder, 'data', 'feeds', 'own.list'), 'utf8').split('\n')).toHaveLength(30);
  });

  it('checks files, and is strict about how it is used', async () => {
    writeFileSync(join(folder, 'bad.txt'), '<html>');
    write(3);
    const [fit, bad, none, unknown, noKind, noPast] = await Promise.all([
      feeds('check', source, '--kind', 'list', '--json'),
      feeds('check', join(folder, 'bad.txt'), '--kind', 'list'),
      feeds('check', join(folder, 'none.txt'), '--kind', 'list'),
      feeds('update', 'other'),
      feeds('check', source),
      feeds('rollback', 'tor'),
    ]);
    expect(JSON.parse(fit.out)).toEqual({ fit: true, entries: 3, builtAtMs: null, reason: null });
    expect([fit, bad, none, unknown, noKind, noPast].map(({ code }) => code)).toEqual([0, 1, 2, 2, 2, 1]);
    expect(bad.err).toMatch(/holds no address; it may be an error page/);
    expect(unknown.err).toMatch(/other: no feed of this name is configured \(own, tor\)/);
    expect(noPast.err).toMatch(/no file before/);
  });
});
