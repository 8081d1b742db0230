import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { type FolderLock, lockFolder, type LockOwner } from './lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-lock-'));
  path = join(folder, 'lock.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const take = (timers?: ManualClock, onLost?: () => void): Promise<FolderLock> =>
  lockFolder({
    folder,
    code: 'TAKEN',
    what: 'The thing',
    ...(timers ? { timers } : {}),
    ...(onLost ? { onLost } : {}),
  });

/** What a lock of this process would hold, with changes. */
async function forged(changes: Partial<LockOwner>): Promise<LockOwner> {
  const lock = await take();
  const owner = { ...lock.owner, ...changes };
  lock.release();
  writeFileSync(path, JSON.stringify(owner));
  return owner;
}

/** Moves the clock on until the promise is settled. */
async function settle<T>(
  promise: Promise<T>,
  clock: ManualClock,
  each: () => void = () => undefined,
): Promise<T> {
  const state = { open: true };
  const done = (): void => void (state.open = false);
  promise.then(done, done);
  for (let i = 0; state.open && i < 100; i++) {
    await new Promise((next) => setImmediate(next));
    each();
    clock.advance(1_000);
  }
  return promise;
}

describe('a folder lock', () => {
  it('is held by one at a time, and names the owner to the others', async () => {
    const first = await take();
    await expect(take()).rejects.toMatchObject({ code: 'TAKEN' });
    await expect(take()).rejects.toThrow(new RegExp(`process ${process.pid} on \\S+ since \\d{4}-`));
    first.release();
    (await take()).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['', '{"pid":', '[]', 'null'])('is taken over when the file holds %j', async (text) => {
    writeFileSync(path, text);
    (await take()).release();
  });

  it('is taken over at once when its process is dead', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    await forged({ pid: child.pid as number });
    (await take()).release();
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'is taken over when another process has got the same process id since',
    async () => {
      await forged({ started: '1' });
      (await take()).release();
      await forged({});
      await expect(take()).rejects.toMatchObject({ code: 'TAKEN' });
    },
  );

  it('of another machine is taken over after 20 s without a sign of life, not before', async () => {
    await forged({ place: 'elsewhere', host: 'other', pid: 1 });
    const clock = new ManualClock();
    const lock = await settle(take(clock), clock);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(20_000);
    lock.release();
  });

  it('of another machine is respected when its owner touches the file', async () => {
    await forged({ place: 'elsewhere', host: 'other', pid: 1 });
    const clock = new ManualClock();
    let turn = 0;
    const taken = settle(take(clock), clock, () => {
      turn++;
      if (turn === 15) utimesSync(path, new Date(), new Date(Date.now() + 5_000));
    });
    await expect(taken).rejects.toThrow('process 1 on other');
  });

  it('goes to exactly one of many that find it dead', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    await forged({ pid: child.pid as number });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => take()));
    const taken = results.filter((result) => result.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    taken[0]?.value.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells its holder when it was lost, and leaves the new owner’s alone', async () => {
    const clock = new ManualClock();
    let lost = 0;
    const lock = await take(clock, () => lost++);
    clock.advance(4_000);
    expect(lost).toBe(0);
    writeFileSync(path, JSON.stringify({ ...lock.owner, nonce: 'another' }));
    clock.advance(4_000);
    expect(lost).toBe(1);
    clock.advance(60_000);
    expect(lost).toBe(1);
    lock.release();
    expect(readFileSync(path, 'utf8')).toContain('another');
  });

  it('gives up on a name that can neither be made nor read', async () => {
    symlinkSync(join(folder, 'nowhere'), path);
    await expect(take()).rejects.toThrow('cannot be created or read');
  });

  it('touches its file while it is held', async () => {
    const clock = new ManualClock();
    const lock = await take(clock);
    utimesSync(path, 0, 0);
    clock.advance(4_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(0);
    lock.release();
    expect(clock.pending).toBe(0);
  });
});
