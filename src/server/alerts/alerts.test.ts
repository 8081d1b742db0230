import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventFields, EventType, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import { createDetector } from '../../modules/detect/index.ts';
import type { AlertOptions } from '../../modules/respond/index.ts';
import { memoryBus } from '../../stores/memory/bus.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { openEmbedded } from '../../stores/postgres/embedded.ts';
import { migrate } from '../../stores/postgres/migrate.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { ManualClock } from '../../testing/clock.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { migrations } from '../data/index.ts';
import { inputsOf } from './inputs.ts';
import { type AlertParts, type OpenedAlerts, openServerAlerts } from './open.ts';
import { poster } from './poster.ts';

const T0 = 1_795_000_000_000;
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one();
});
const made = (type: EventType, fields: EventFields = {}): RampartEvent => makeEvent(type, 'one', T0, fields);
const occurrenceOf = (event: RampartEvent) => {
  const [input] = inputsOf(event);
  if (input?.kind !== 'occurrence') throw new Error('no occurrence');
  return input.one;
};

describe('what an event means', () => {
  it('is one alert for each subject or node where that matters, else for all', () => {
    expect(
      occurrenceOf(made('FEED_FAILED', { subject: 'tor', details: { error: 'gone', failures: 3 } })),
    ).toMatchObject({
      rule: 'FEED_FAILED',
      group: 'tor',
      severity: 'MEDIUM',
      description: expect.stringContaining('error gone') as string,
    });
    expect(occurrenceOf(made('JOURNAL_STALLED')).group).toBe('node=one');
    expect(occurrenceOf(made('AUDIT_LOG_CONFLICT'))).toMatchObject({ group: '', severity: 'CRITICAL' });
    expect(occurrenceOf(made('RECORDS_SHED', { details: { count: 12 } })).count).toBe(12);
    expect(inputsOf(made('REQUEST_REFUSED'))).toEqual([]);
  });

  it('is the end of the alerts that it settles, each by a name of its own', () => {
    const event = made('BACKUP_CREATED');
    const inputs = inputsOf(event);
    expect(inputs).toMatchObject([
      { kind: 'recovery', rule: 'BACKUP_FAILED', group: '' },
      { kind: 'recovery', rule: 'BACKUP_OVERDUE', group: '', event: event.id },
    ]);
  });

  it('is what a detector saw, whose updates are parts of the same', async () => {
    const clock = new ManualClock();
    const counters = memoryCounters({ clock });
    const seen: RampartEvent[] = [];
    const detector = createDetector(
      {},
      {
        store: counters,
        local: counters,
        clock,
        timers: clock,
        events: () => ({
          emit: (type, fields) => void seen.push(makeEvent(type, 'one', clock.now(), fields ?? {})),
        }),
      },
    );
    for (let i = 0; i < 100; i++) {
      const fields = { address: '203.0.113.7', subject: 'acc_1', outcome: 'failure' } as const;
      detector.take(makeEvent('SIGN_IN_FAILED', 'one', clock.now(), fields));
      clock.advance(100);
    }
    await detector.close();
    const found = seen
      .filter((event) => event.details?.['rule'] === seen[0]?.details?.['rule'])
      .map(occurrenceOf);
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(({ rule, group, part }) => `${rule} ${group} ${part}`)).size).toBe(1);
    expect(found[0]?.group).not.toBe('');
    expect(found[0]?.recommended.length).toBeGreaterThan(0);
    expect(found.at(-1)?.count).toBeGreaterThan(found[0]?.count ?? 0);
  });
});

describe('posts', () => {
  it('go into one’s own network only where the options say so', async () => {
    const http = createServer((_request, response) => response.writeHead(302, { location: '/x' }).end());
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    undo.push(() => new Promise((resolve) => http.close(() => resolve())));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
    await expect(poster({ allowHttp: false, allowRanges: [] })(url, {}, '{}')).rejects.toThrow();
    await expect(poster({ allowHttp: true, allowRanges: [] })(url, {}, '{}')).rejects.toThrow();
    const own = poster({ allowHttp: true, allowRanges: ['127.0.0.0/8'] });
    // A redirect is an answer, and is not followed.
    expect(await own(url, {}, '{}')).toMatchObject({ status: 302 });
    expect(() => poster({ allowHttp: true, allowRanges: ['everything'] })).toThrow(/range/);
  });
});

describe('alerts of a server', () => {
  let sql: SqlStore;
  beforeAll(async () => {
    sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await migrate(sql, migrations);
  });
  afterAll(() => sql.close());

  function open(options: AlertOptions, parts: Partial<AlertParts> = {}) {
    const clock = new ManualClock();
    const emitted: string[] = [];
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const opened = openServerAlerts(options, {
      sql,
      clock,
      timers: clock,
      log,
      bus: memoryBus(),
      environment: { production: false, smtpUrl: undefined, mailFrom: undefined },
      events: { emit: (type) => void emitted.push(type) },
      shed: () => 0,
      publicUrl: () => 'https://rampart.example',
      ...parts,
    }) as OpenedAlerts;
    undo.push(() => opened.close());
    return { ...opened, clock, emitted };
  }

  it('are mailed by SMTP', async () => {
    const received: string[] = [];
    const smtp = new SMTPServer({
      authOptional: true,
      logger: false,
      disableReverseLookup: true,
      onData: (stream, _session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          received.push(Buffer.concat(chunks).toString());
          callback();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    undo.push(() => new Promise((resolve) => smtp.close(() => resolve())));
    const { port } = smtp.server.address() as AddressInfo;
    const environment = { production: true, smtpUrl: `smtp://127.0.0.1:${port}`, mailFrom: undefined };
    const { alerts, clock } = open(
      { channels: { ops: { kind: 'email', to: ['ops@example.com'] } } },
      { environment },
    );
    alerts.take(inputsOf(makeEvent('BACKUP_FAILED', 'one', clock.now(), {})));
    await alerts.round();
    expect(received).toHaveLength(1);
    expect(received[0]).toMatch(/^Subject: \[HIGH\] A backup failed\r$/m);
    expect(received[0]).toContain('https://rampart.example/console/alerts/alr_');
  });

  it('say themselves that records were lost', async () => {
    let shed = 0;
    const { alerts, emitted } = open({}, { shed: () => shed });
    await alerts.round();
    expect(emitted).toEqual([]);
    shed = 7;
    for (let i = 0; i < 6; i++) await alerts.round();
    expect(emitted).toEqual(['RECORDS_SHED']);
  });

  it('tell the other nodes once of many changes, and nothing any more once they are closed', async () => {
    let told = 0;
    const bus = { ...memoryBus(), publish: () => Promise.resolve(void (told += 1)) };
    const site = open({}, { bus });
    for (let i = 0; i < 10; i++) site.changed();
    site.clock.advance(1_000);
    expect(told).toBe(1);
    site.changed();
    await site.close();
    site.changed();
    expect(site.clock.pending).toBe(0);
  });

  it('are none where they are switched off', () => {
    expect(openServerAlerts({ enabled: false }, {} as AlertParts)).toBeUndefined();
  });
});
