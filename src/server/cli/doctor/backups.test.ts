import { mkdir, writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { backupName } from '../../backup/files.ts';
import { reviewFindings } from '../../review-findings.ts';
import { type BackupFacts, backupFindings, backupWords } from './backups.ts';
import { gatherBackups } from './gather-records.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const schedule = {
  folder: '/backups',
  everyMs: DAY_MS,
  newestAtMs: NOW - HOUR_MS,
  unreadable: undefined,
};
const fine: BackupFacts = { production: true, schedule, failure: undefined };
const said = (facts: BackupFacts): readonly string[] =>
  backupFindings(facts, NOW).map(({ level, text }) => `${level}: ${text}`);

describe('backups', () => {
  it('are fine when the newest is young enough', () => {
    expect(said(fine)).toEqual([]);
    expect(said({ ...fine, schedule: { ...schedule, newestAtMs: NOW - 1.5 * DAY_MS } })).toEqual([]);
    expect(backupWords(fine, NOW)).toBe('the newest is 1 h old, in /backups');
  });

  it('are missed in production, and noted elsewhere, where none are made', () => {
    expect(said({ production: true, failure: undefined })).toEqual(['warning: No backups are made.']);
    expect(said({ production: false, failure: undefined })).toEqual(['info: No backups are made.']);
  });

  it('are overdue after one and a half of the time between two', () => {
    const late = { ...fine, schedule: { ...schedule, newestAtMs: NOW - 3 * DAY_MS } };
    expect(said(late)).toEqual([
      'error: The newest backup is 3 d old; the configuration wants one every 24 h.',
    ]);
    expect(said({ ...fine, schedule: { ...schedule, newestAtMs: undefined } })[0]).toMatch(
      /^warning: There is no/,
    );
  });

  it('have failed only while none was made after the failure', () => {
    const failure = { atMs: NOW - 2 * HOUR_MS, error: 'ENOSPC' };
    expect(said({ ...fine, failure })).toEqual([]);
    const before = { ...schedule, newestAtMs: NOW - 5 * HOUR_MS };
    expect(said({ ...fine, schedule: before, failure })).toEqual([
      'error: The last backup failed 2 h ago: ENOSPC',
    ]);
  });
});

describe('the folder of the backups', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const options = (to: string) => ({ every: DAY_MS, keep: 7, to, recipients: [], schemas: [] });

  it('is asked for its newest file, and may not be there yet', async () => {
    folder = mkdtempSync(join(tmpdir(), 'rampart-doctor-'));
    const to = join(folder, 'backups');
    const none = await gatherBackups(options(to), true, undefined);
    expect(none.schedule).toMatchObject({ newestAtMs: undefined, unreadable: undefined });
    await mkdir(to);
    for (const atMs of [NOW - DAY_MS, NOW - HOUR_MS]) await writeFile(join(to, backupName(atMs)), '');
    const some = await gatherBackups(options(to), true, undefined);
    expect(some.schedule?.newestAtMs).toBe(NOW - HOUR_MS);
    const file = join(to, backupName(NOW - HOUR_MS));
    const odd = await gatherBackups(options(file), true, undefined);
    expect(said(odd)[0]).toContain('cannot be read (ENOTDIR)');
  });
});

describe('reviews of access', () => {
  it('are named when they are overdue, five at most', () => {
    expect(reviewFindings([], NOW)).toEqual([]);
    const one = { id: 'rev_1', name: 'Q3', reviewer: 'user:a', dueAtMs: NOW - 3 * DAY_MS, open: 2 };
    expect(reviewFindings([one], NOW)[0]?.text).toBe(
      "Reviews of access are overdue: 'Q3' (3 d, 2 undecided).",
    );
    const many = Array.from({ length: 6 }, (_, i) => ({ ...one, name: `r${i}` }));
    const [finding] = reviewFindings(many, NOW);
    expect(finding?.text).toContain("'r4'");
    expect(finding?.text).not.toContain("'r5'");
    expect(finding?.text.endsWith(', ….')).toBe(true);
  });
});
