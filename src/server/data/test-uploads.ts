import { beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../base/observe/index.ts';
import { newId } from '../../core/id.ts';
import { upload, type UploadRow } from '../../modules/upload/index.ts';
import { form, testStore } from '../../modules/upload/test-upload.ts';
import { ManualClock } from '../../testing/clock.ts';
import { QUARANTINE_DAYS, REFUSED_DAYS, UploadKeeper } from '../uploads/keeper.ts';
import { UploadStore } from '../uploads/records.ts';
import type { Stores } from './index.ts';

const DAY_MS = 86_400_000;
const SENDER = { owner: 'user:1', address: '192.0.2.1' };

/** Rows of uploads, and what a node does about them by itself. */
export function uploadSuite(stores: () => Stores): void {
  let clock: ManualClock;
  let records: UploadStore;
  let files: ReturnType<typeof testStore>;
  let isDown: boolean;
  beforeEach(async () => {
    await stores().sql.script('TRUNCATE rampart.uploads');
    clock = new ManualClock();
    records = new UploadStore(stores().sql);
    files = testStore();
    isDown = true;
  });
  const row = (state: UploadRow['state'], more: Partial<UploadRow> = {}): UploadRow => {
    clock.advance(1);
    return {
      id: newId('upl', clock.now()),
      upload: 'test',
      owner: 'user:1',
      state,
      reason: null,
      signature: null,
      type: 'text/plain',
      extension: 'txt',
      displayName: 'nöte 🎉.txt',
      bytes: 5_000_000_000,
      sha256: 'ab',
      flags: ['a', 'b'],
      width: null,
      height: 4,
      address: null,
      decision: 'dec_1',
      atMs: clock.now(),
      changedBy: null,
      changedAtMs: null,
      ...more,
    };
  };
  const opened = () => {
    const scanner = {
      scan: () => Promise.resolve(isDown ? { kind: 'down', why: 'test' } : { kind: 'clean' }),
    } as const;
    const ports = { store: files, records, clock, timers: clock, events: { emit: () => undefined }, scanner };
    const options = { types: ['text/plain'], scan: { clamd: '127.0.0.1:1', onDown: 'hold' } } as const;
    const uploader = upload('test', options, ports as never);
    const log = createLogger({ level: 'silent', sink: { write: () => undefined } });
    const keeper = new UploadKeeper({
      uploaders: [uploader],
      store: files,
      records,
      clock,
      timers: clock,
      log,
    });
    return { uploader, keeper };
  };

  describe('rows', () => {
    it('come back as they went in, newest first, by owner and state', async () => {
      const [first, second, third] = [row('kept'), row('infected', { owner: null }), row('refused')];
      await records.add([first, second, third]);
      expect(await records.get(first.id)).toEqual(first);
      expect(await records.get('upl_none')).toBeUndefined();
      expect(await records.list({ limit: 2 })).toEqual([third, second]);
      expect(await records.list({ limit: 9, before: third.id, order: 'oldest' })).toEqual([first, second]);
      expect(await records.list({ limit: 9, owner: 'user:1', states: ['kept', 'held'] })).toEqual([first]);
      expect(await records.counts()).toEqual({ kept: 1, held: 0, infected: 1, refused: 1 });
    });

    it('are added all or none, and changed by one of many', async () => {
      const held = row('held');
      await expect(records.add([held, held])).rejects.toMatchObject({ code: '23505' });
      expect(await records.get(held.id)).toBeUndefined();
      await records.add([held]);
      const change = { state: 'kept', reason: null, signature: null, changedBy: 'scanner' } as const;
      const done = await Promise.all([1, 2, 3].map(() => records.change(held.id, 'held', change, 7)));
      expect(done.filter(Boolean)).toHaveLength(1);
      expect(await records.get(held.id)).toMatchObject({
        state: 'kept',
        changedBy: 'scanner',
        changedAtMs: 7,
      });
      expect(await records.remove(held.id, ['held'])).toBe(false);
      expect(await records.remove(held.id, ['kept'])).toBe(true);
    });
  });

  describe('a node', () => {
    it('scans what is held every minute, and releases it once the scanner is back', async () => {
      const { uploader, keeper } = opened();
      const sent = await uploader.receive(form({ name: 'a.txt', bytes: 'hello' }), SENDER);
      const id = sent.files[0]?.id ?? '';
      expect((await records.get(id))?.state).toBe('held');
      expect(await keeper.rescan()).toBe(1);
      isDown = false;
      keeper.start();
      clock.advance(60_000);
      await keeper.stop();
      expect((await records.get(id))?.state).toBe('kept');
      expect([...files.files.keys()]).toEqual([`kept/${id}`]);
      expect(clock.pending).toBe(0);
    });

    it('forgets what was refused and empties quarantine in time, and leaves alone what is kept', async () => {
      const { keeper } = opened();
      const [kept, infected, refused] = [row('kept'), row('infected'), row('refused')];
      await records.add([kept, infected, refused]);
      files.files.set(`quarantine/${infected.id}`, Buffer.from('x'));
      clock.advance((REFUSED_DAYS + 1) * DAY_MS);
      expect(await keeper.prune()).toBe(1);
      expect(await records.get(refused.id)).toBeUndefined();
      clock.advance((QUARANTINE_DAYS - REFUSED_DAYS) * DAY_MS);
      expect(await keeper.prune()).toBe(1);
      expect(files.files.size).toBe(0);
      expect(await records.list({ limit: 9 })).toEqual([kept]);
    });
  });
}
