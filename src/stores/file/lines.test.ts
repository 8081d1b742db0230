import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { openLines } from './lines.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-lines-'));
  path = join(folder, 'audit.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const content = (): string => readFileSync(path, 'utf8');

/** What another process does that takes the folder for abandoned. */
function takeOver(): void {
  const lock = join(folder, 'lock.json');
  const owner = JSON.parse(readFileSync(lock, 'utf8')) as object;
  writeFileSync(lock, JSON.stringify({ ...owner, nonce: 'of another process' }));
}

describe('a file of lines', () => {
  it('leaves out a line that a crash has cut off, and goes on in its place', async () => {
    writeFileSync(path, 'one\ntwo\nthr');
    const file = await openLines(folder, 'audit');
    const lines: string[] = [];
    for await (const line of file.read()) lines.push(line);
    expect(lines).toEqual(['one', 'two']);
    await file.append(['three', 'four']);
    await file.close();
    expect(content()).toBe('one\ntwo\nthree\nfour\n');
  });

  it.each([0, 4_000])('is left alone, %i ms after another process has taken the folder', async (waitedMs) => {
    const timers = new ManualClock();
    const file = await openLines(folder, 'audit', { timers });
    await file.append(['mine']);
    takeOver();
    appendFileSync(path, 'of the new owner\n');
    timers.advance(waitedMs);
    await expect(file.append(['late'])).rejects.toMatchObject({ code: 'CHECKPOINTS_LOCKED' });
    await expect(file.putAside(0)).rejects.toMatchObject({ code: 'CHECKPOINTS_LOCKED' });
    await file.close();
    expect(content()).toBe('mine\nof the new owner\n');
    expect(readdirSync(folder).toSorted()).toEqual(['audit.jsonl', 'lock.json']);
  });

  it('is not filled up where somebody has cut it', async () => {
    const file = await openLines(folder, 'audit');
    await file.append(['one', 'two']);
    truncateSync(path, 4);
    await expect(file.append(['three'])).rejects.toMatchObject({ code: 'CHECKPOINTS_CHANGED' });
    expect(content()).toBe('one\n');
    await file.close();
  });

  it('keeps what was put aside twice within a millisecond', async () => {
    const file = await openLines(folder, 'audit');
    const names: string[] = [];
    for (const line of ['one', 'two']) {
      await file.append([line]);
      names.push(await file.putAside(0));
    }
    await file.close();
    expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['one\n', 'two\n']);
  });
});
