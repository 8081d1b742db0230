import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Logger } from '../../base/observe/index.ts';
import type { EventFields, EventType } from '../../core/events.ts';
import { readOptions } from '../../core/options.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { migrate, openEmbedded } from '../../stores/postgres/index.ts';
import { ManualClock } from '../../testing/clock.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { migrations } from '../data/index.ts';
import { backupFields } from './options.ts';
import { readBackup } from './read.ts';
import { BackupSchedule } from './schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const root = mkdtempSync(join(tmpdir(), 'rampart-schedule-'));
const silent = { error: () => undefined } as unknown as Logger;
let sql: SqlStore;
let identity: string;
let recipients: readonly string[];

beforeAll(async () => {
  sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  await migrate(sql, migrations);
  identity = await generateX25519Identity();
  recipients = [await identityToRecipient(identity)];
});
afterAll(async () => {
  await sql.close();
  chmodSync(root, 0o700);
  rmSync(root, { recursive: true, force: true });
});

function stand(
  to: string,
  clock = new ManualClock(),
): {
  readonly clock: ManualClock;
  readonly schedule: BackupSchedule;
  readonly events: { type: EventType; fields: EventFields | undefined }[];
  /** Moves the clock to the next look and waits until that is over. */
  readonly look: (ms: number) => Promise<void>;
} {
  const options = readOptions('backup', { every: '6h', keep: 2, to, recipients }, backupFields);
  const events: { type: EventType; fields: EventFields | undefined }[] = [];
  const sink = { emit: (type: EventType, fields?: EventFields) => void events.push({ type, fields }) };
  const schedule = new BackupSchedule(options, { sql, clock, timers: clock, events: sink, log: silent });
  return {
    clock,
    schedule,
    events,
    async look(ms) {
      clock.advance(ms);
      await schedule.idle();
    },
  };
}

describe('the schedule of backups', () => {
  it('makes one when there is none, the next when it is due, and keeps as many as it should', async () => {
    const to = join(root, 'made');
    const { schedule, events, look } = stand(to);
    schedule.start();
    await look(MINUTE_MS);
    expect(readdirSync(to)).toHaveLength(1);
    for (let i = 0; i < 6; i++) await look(10 * MINUTE_MS);
    expect(readdirSync(to)).toHaveLength(1);
    for (let hours = 0; hours < 3; hours++) await look(6 * HOUR_MS);
    expect(readdirSync(to)).toHaveLength(2);
    expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 4 }, () => 'BACKUP_CREATED'));
    expect(events.at(-1)?.fields?.details).toMatchObject({ removed: 1 });
    const [file] = readdirSync(to);
    const { header } = await readBackup(join(to, file as string), [identity]);
    expect(header.schemas).toEqual(['rampart']);
    await schedule.stop();
    await look(24 * HOUR_MS);
    expect(events).toHaveLength(4);
  });

  it('does not begin anew after a restart', async () => {
    const to = join(root, 'restart');
    const first = stand(to);
    first.schedule.start();
    await first.look(MINUTE_MS);
    await first.schedule.stop();
    const second = stand(to, first.clock);
    second.schedule.start();
    await second.look(MINUTE_MS);
    expect(readdirSync(to)).toHaveLength(1);
    await second.schedule.stop();
  });

  it('tells a failure and a backup that is missing, in events and in health, until one is made', async () => {
    const to = join(root, 'blocked');
    writeFileSync(to, 'a file where the folder should be');
    const { schedule, events, look } = stand(to);
    schedule.start();
    await look(MINUTE_MS);
    expect(events.map(({ type }) => type)).toEqual(['BACKUP_FAILED']);
    expect(schedule.findings()).toHaveLength(1);
    await look(10 * HOUR_MS);
    expect(events.map(({ type }) => type)).toEqual(['BACKUP_FAILED', 'BACKUP_FAILED', 'BACKUP_OVERDUE']);
    await look(10 * MINUTE_MS);
    expect(events.filter(({ type }) => type === 'BACKUP_OVERDUE')).toHaveLength(1);
    expect(schedule.findings().map(({ level }) => level)).toEqual(['error', 'error']);
    rmSync(to);
    await look(10 * MINUTE_MS);
    expect(events.at(-1)?.type).toBe('BACKUP_CREATED');
    expect(schedule.findings()).toEqual([]);
    await schedule.stop();
  });

  it('refuses keys that are none, secret ones above all', () => {
    const read = (more: object): unknown =>
      readOptions('backup', { to: 'x', recipients, ...more }, backupFields);
    expect(read({})).toMatchObject({ every: 24 * HOUR_MS, keep: 7, schemas: [] });
    expect(() => read({ recipients: [] })).toThrow('at least one public key');
    expect(() => read({ recipients: [identity] })).toThrow(/^backup\.recipients\[0\](?!.*SECRET)/);
  });
});
