import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Journal, JournalBatch } from '../../ports/journal.ts';
import { journalSuite, type OpenedJournal } from '../../testing/suites/journal.ts';
import { openJournal } from './journal.ts';
import type { JournalOptions } from './options.ts';

const folders: string[] = [];
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-journal-'));
  folders.push(dir);
  return dir;
}
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function opened(options: Omit<JournalOptions, 'dir'> = {}): Promise<OpenedJournal> {
  const dir = folder();
  const self: OpenedJournal = {
    journal: await openJournal({ dir, ...options }),
    async reopen() {
      await self.journal.close();
      self.journal = await openJournal({ dir, ...options });
    },
    remove: () => self.journal.close(),
  };
  return self;
}

journalSuite('file, on its defaults', () => opened());
journalSuite('file, with a new segment for nearly every entry', () =>
  opened({ segmentBytes: 1024, maxBytes: 16 * 1024 }),
);

const segmentsOf = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.log'))
    .sort();

async function all(journal: Journal): Promise<readonly string[]> {
  return (await journal.peek(100_000)).entries;
}

describe('the bound on disk space', () => {
  it('throws JOURNAL_FULL, keeps what it had, and takes more once some was taken', async () => {
    const dir = folder();
    const journal = await openJournal({ dir, maxBytes: 16 * 1024, segmentBytes: 2048 });
    const entry = 'x'.repeat(500);
    let count = 0;
    expect(() => {
      for (;;) {
        journal.append([entry]);
        count++;
      }
    }).toThrow(expect.objectContaining({ code: 'JOURNAL_FULL' }));
    expect(count).toBeGreaterThan(25);
    expect(journal.stats().bytes).toBeLessThanOrEqual(16 * 1024);
    expect(await all(journal)).toHaveLength(count);
    await journal.take(await journal.peek(10));
    journal.append([entry]);
    expect(await all(journal)).toHaveLength(count - 9);
    await journal.close();
  });

  it('gives the disk back when everything was taken', async () => {
    const dir = folder();
    const journal = await openJournal({ dir, maxBytes: 16 * 1024, segmentBytes: 1024 });
    for (let round = 0; round < 50; round++) {
      journal.append(Array.from({ length: 10 }, (_, i) => `${round}/${i} ${'x'.repeat(100)}`));
      await journal.take(await journal.peek(10));
    }
    expect(journal.stats()).toMatchObject({ waiting: 0, bytes: 0 });
    expect(segmentsOf(dir)).toEqual([]);
    await journal.close();
  });

  it('refuses a single call that is larger than the bound', async () => {
    const { journal } = await opened({ maxBytes: 16 * 1024 });
    expect(() => journal.append(['x'.repeat(17_000)])).toThrow(
      expect.objectContaining({ code: 'JOURNAL_FULL' }),
    );
    journal.append(['small']);
    expect(await all(journal)).toEqual(['small']);
    await journal.close();
  });
});

describe('damage', () => {
  /** A folder whose only segment holds what was appended. */
  async function written(entries: readonly string[]): Promise<{ dir: string; path: string; bytes: Buffer }> {
    const dir = folder();
    const journal = await openJournal({ dir });
    for (const entry of entries) journal.append([entry]);
    await journal.close();
    const path = join(dir, segmentsOf(dir)[0] as string);
    return { dir, path, bytes: readFileSync(path) };
  }

  it('leaves out a tail that was cut at any byte, and keeps all before and after', async () => {
    const { dir, path, bytes } = await written(['first', '{"second":"🦊"}']);
    const lastStart = bytes.indexOf('\n') + 1;
    for (let cut = lastStart; cut < bytes.length; cut++) {
      for (const name of segmentsOf(dir)) rmSync(join(dir, name));
      writeFileSync(path, bytes.subarray(0, cut));
      const journal = await openJournal({ dir });
      journal.append(['after']);
      expect(await all(journal)).toEqual(['first', 'after']);
      expect(journal.stats()).toMatchObject({ waiting: 2, damaged: cut === lastStart ? 0 : 1 });
      await journal.close();
    }
  });

  it('leaves out the entry in which any one byte was changed, and never gives a changed one', async () => {
    const entries = ['{"n":1}', '{"n":2}', '{"n":3}'];
    const { dir, path, bytes } = await written(entries);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      writeFileSync(path, flipped);
      const journal = await openJournal({ dir });
      const found = await all(journal);
      expect(found.length).toBeGreaterThanOrEqual(2);
      expect(entries.filter((entry) => found.includes(entry))).toEqual(found);
      // The line break after a frame proves nothing: when it alone is changed, nothing is lost.
      if (found.length === 2) expect(journal.stats().damaged).toBeGreaterThanOrEqual(1);
      await journal.close();
    }
  });

  it('takes a length that claims more than there is for damage', async () => {
    const { dir, path } = await written(['first']);
    appendFileSync(path, 'ffffffff 00000000 x\n00000004 2de43a5c fine');
    const journal = await openJournal({ dir });
    expect(await all(journal)).toEqual(['first']);
    expect(journal.stats().damaged).toBe(2);
    await journal.close();
  });

  it('gives everything again when the position was lost, rather than losing an entry', async () => {
    const { dir } = await written(['first', 'second']);
    const before = await openJournal({ dir });
    await before.take(await before.peek(1));
    await before.close();
    writeFileSync(join(dir, 'position'), '1 99999 0\n');
    const journal = await openJournal({ dir });
    expect(await all(journal)).toEqual(['first', 'second']);
    await journal.close();
  });

  it('counts a place that was damaged while it was open once, however often it is peeked', async () => {
    const dir = folder();
    const journal = await openJournal({ dir });
    journal.append(['first', 'second', 'third']);
    const path = join(dir, segmentsOf(dir)[0] as string);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('second', 'sEcond'));
    await journal.peek(10);
    expect((await journal.peek(10)).entries).toEqual(['first', 'third']);
    expect(journal.stats()).toMatchObject({ waiting: 2, damaged: 1 });
    await journal.close();
  });
});

describe('two processes', () => {
  it('refuses a folder that is open, naming the owner, and lets it go on closing', async () => {
    const dir = folder();
    const first = await openJournal({ dir });
    const second = openJournal({ dir });
    await expect(second).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await expect(second).rejects.toThrow(`process ${process.pid}`);
    await first.close();
    await (await openJournal({ dir })).close();
  });

  it('loses nothing that append returned for when the process is killed', async () => {
    const dir = folder();
    for (let round = 0; round < 3; round++) {
      const acknowledged = await appendUntilKilled(dir, round);
      const journal = await openJournal({ dir });
      const found = await all(journal);
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(found.slice(0, acknowledged.length)).toEqual(acknowledged);
      // One call may have been written whose acknowledgement was not heard any more.
      expect(found.slice(acknowledged.length).every((entry) => entry.startsWith(`${round}-`))).toBe(true);
      await journal.take(await journal.peek(100_000));
      await journal.close();
    }
  });
});

/** Appends in a process of its own, which is killed in the middle. @returns what it had acknowledged */
async function appendUntilKilled(dir: string, round: number): Promise<string[]> {
  const module = new URL('./journal.ts', import.meta.url).href;
  const code = `
    import { writeSync } from 'node:fs';
    import { openJournal } from '${module}';
    const journal = await openJournal({ dir: ${JSON.stringify(dir)}, segmentBytes: 4096 });
    for (let n = 0; ; n++) {
      const entry = '${round}-' + n + ' ' + 'x'.repeat(n % 700);
      journal.append([entry]);
      writeSync(1, entry + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.length > 100_000 * (round + 1)) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return text.split('\n').slice(0, -1);
}

/** A model of the journal: what was appended, and how much of it was taken. */
type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'take'; readonly most: number; readonly late: boolean }
  | { readonly do: 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      sizes: fc.array(fc.nat(600), { maxLength: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      most: fc.integer({ min: 0, max: 12 }),
      late: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);

describe('any order of append, peek, take and reopen', () => {
  it('gives every entry in order, at least once, and never again after take', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const self = await opened({ segmentBytes: 1024 });
        const appended: string[] = [];
        let taken = 0;
        let kept: { batch: JournalBatch; upTo: number } | undefined;
        for (const one of steps) {
          if (one.do === 'append') {
            const entries = one.sizes.map((size, i) => `${appended.length + i} ${'x'.repeat(size)}`);
            self.journal.append(entries);
            appended.push(...entries);
          } else if (one.do === 'reopen') {
            await self.reopen();
            kept = undefined;
          } else {
            const batch = await self.journal.peek(one.most);
            expect(batch.entries).toEqual(appended.slice(taken, taken + one.most));
            const now = { batch, upTo: taken + batch.entries.length };
            const take = one.late ? kept : now;
            kept = now;
            if (take) await self.journal.take(take.batch);
            if (take) taken = Math.max(taken, take.upTo);
          }
          expect(self.journal.stats().waiting).toBe(appended.length - taken);
        }
        expect(await all(self.journal)).toEqual(appended.slice(taken));
        await self.remove();
      }),
      { numRuns: 60 },
    );
  });
});
