import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../ports/journal.ts';

/** A journal for a suite: it can be closed and opened again with what it holds. */
export interface OpenedJournal {
  journal: Journal;
  /** Closes the journal and opens it again. */
  reopen(): Promise<void>;
  /** Closes it and removes its data. */
  remove(): Promise<void>;
}

/** What every driver of the journal port must do. */
export function journalSuite(name: string, open: () => Promise<OpenedJournal>): void {
  describe(`journal: ${name}`, () => {
    let opened: OpenedJournal;
    beforeEach(async () => void (opened = await open()));
    afterEach(() => opened.remove());
    const entries = async (most = 1_000): Promise<readonly string[]> =>
      (await opened.journal.peek(most)).entries;

    it('gives entries in the order in which they were appended', async () => {
      opened.journal.append(['{"a":1}', '{"a":2}']);
      opened.journal.append(['{"ü":"🦊\\n"}', '']);
      expect(await entries()).toEqual(['{"a":1}', '{"a":2}', '{"ü":"🦊\\n"}', '']);
    });

    it('gives them again until they are taken, and never after', async () => {
      opened.journal.append(['1', '2', '3']);
      expect(await entries(2)).toEqual(['1', '2']);
      const batch = await opened.journal.peek(2);
      expect(batch.entries).toEqual(['1', '2']);
      await opened.journal.take(batch);
      expect(await entries()).toEqual(['3']);
      await opened.journal.take(batch);
      expect(await entries()).toEqual(['3']);
      await opened.journal.take(await opened.journal.peek(10));
      expect(await entries()).toEqual([]);
    });

    it('takes an older batch without going back', async () => {
      opened.journal.append(['1', '2', '3']);
      const first = await opened.journal.peek(1);
      const both = await opened.journal.peek(2);
      await opened.journal.take(both);
      await opened.journal.take(first);
      expect(await entries()).toEqual(['3']);
      expect(opened.journal.stats().waiting).toBe(1);
    });

    it('does not take what was appended after the batch was peeked', async () => {
      opened.journal.append(['1']);
      const batch = await opened.journal.peek(10);
      opened.journal.append(['2']);
      await opened.journal.take(batch);
      expect(await entries()).toEqual(['2']);
    });

    it('keeps what waits, and what was taken, when it is opened again', async () => {
      opened.journal.append(['1', '2', '3']);
      await opened.journal.take(await opened.journal.peek(1));
      await opened.reopen();
      expect(opened.journal.stats()).toMatchObject({ waiting: 2, damaged: 0 });
      opened.journal.append(['4']);
      expect(await entries()).toEqual(['2', '3', '4']);
    });

    it('counts what waits', async () => {
      expect(opened.journal.stats()).toEqual({ waiting: 0, bytes: 0, damaged: 0 });
      opened.journal.append(['one', 'two']);
      expect(opened.journal.stats()).toMatchObject({ waiting: 2, damaged: 0 });
      expect(opened.journal.stats().bytes).toBeGreaterThan(6);
      await opened.journal.take(await opened.journal.peek(2));
      expect(opened.journal.stats().waiting).toBe(0);
    });

    it('refuses an entry with a line break, and appends none of its call', async () => {
      expect(() => opened.journal.append(['fine', 'two\nlines'])).toThrow('line break');
      expect(await entries()).toEqual([]);
    });

    it('appends nothing for an empty call', () => {
      opened.journal.append([]);
      expect(opened.journal.stats()).toEqual({ waiting: 0, bytes: 0, damaged: 0 });
    });

    it('syncs as often as it is asked', async () => {
      opened.journal.append(['1']);
      await Promise.all([opened.journal.sync(), opened.journal.sync(), opened.journal.sync()]);
      await opened.journal.sync();
      expect(await entries()).toEqual(['1']);
    });

    it('refuses everything after it was closed', async () => {
      await opened.journal.close();
      expect(() => opened.journal.append(['1'])).toThrow('closed');
      await expect(opened.journal.peek(1)).rejects.toThrow('closed');
      await opened.journal.close();
    });
  });
}
