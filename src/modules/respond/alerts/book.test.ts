import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { alertDatabase, nodeOf, occurrence } from './test-house.ts';

const sql = alertDatabase();
const LOG = { channels: { log: { kind: 'log', least: 'LOW' } } } as const;
const MINUTE = 60_000;

describe('the book of alerts', () => {
  it('makes one alert of what belongs together, and tells once', async () => {
    const node = nodeOf(sql());
    const T0 = node.clock.now();
    await node.happen(occurrence(T0), occurrence(T0), occurrence(T0, { group: 'address=198.51.100.9' }));
    const { alerts } = await node.alerts.store.list({ limit: 10 });
    expect(Object.fromEntries(alerts.map(({ group, count }) => [group, count]))).toEqual({
      'address=198.51.100.9': 1,
      'address=203.0.113.7': 2,
    });
    expect(node.lines).toHaveLength(2);
    expect(await node.alerts.store.counts()).toMatchObject({ ACTIVE: 2, RESOLVED: 0 });
    const found = alerts.find(({ count }) => count === 2);
    expect((await node.alerts.store.notes(found?.id ?? '')).map(({ kind }) => kind)).toEqual([
      'raised',
      'told',
    ]);
    expect((await node.alerts.store.get(found?.id ?? ''))?.toldAtMs).toBe(T0);
  });

  it('comes back as it was written, whatever a request put into it', async () => {
    const node = nodeOf(sql());
    const given = occurrence(node.clock.now(), {
      group: `route=/\0'"\ud800${'x'.repeat(400)}`,
      description: 'a\u0000b "c" \\u0000 {d}',
      recommended: [{ do: 'block', text: 'Block \u0000 it.', target: null }],
    });
    const taken = await node.alerts.book.take(given);
    const found = await node.alerts.store.get(taken?.id ?? '');
    expect(found).toMatchObject({ description: 'a\ufffdb "c" \\u0000 {d}', events: given.events, count: 1 });
    expect(found?.group).toHaveLength(300);
    // And the next of it finds it, though the database holds other letters.
    await node.alerts.book.take({ ...given, event: 'evt_other' });
    expect((await node.alerts.store.get(taken?.id ?? ''))?.count).toBe(2);
  });

  it('takes the same event once, whichever node brings it, and raises one alert when many nodes see it at once', async () => {
    const clock = new ManualClock();
    const nodes = Array.from({ length: 4 }, () => nodeOf(sql(), LOG, { clock }));
    const shared = Array.from({ length: 5 }, () => occurrence(clock.now()));
    await Promise.all(nodes.map(({ alerts }) => Promise.all(shared.map((one) => alerts.book.take(one)))));
    const { alerts } = await (nodes[0] as (typeof nodes)[0]).alerts.store.list({ limit: 10 });
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.count).toBe(5);
    await Promise.all(nodes.map((node) => node.alerts.round()));
    expect(nodes.flatMap(({ lines }) => lines)).toHaveLength(1);
  });

  it('leaves out what is too little', async () => {
    const node = nodeOf(sql());
    expect(await node.alerts.book.take(occurrence(1, { severity: 'LOW' }))).toBeUndefined();
    expect((await node.alerts.store.list({ limit: 10 })).alerts).toEqual([]);
  });

  it('tells a storm as one digest, lists every alert, and escalates none that was not told', async () => {
    const node = nodeOf(sql(), { ...LOG, storm: { atMost: 3, within: '5m' } });
    const T0 = node.clock.now();
    await node.happen(...Array.from({ length: 40 }, (_, i) => occurrence(T0, { group: `account=${i}` })));
    expect(node.lines).toHaveLength(3);
    expect(await node.alerts.store.counts()).toMatchObject({ ACTIVE: 40 });
    node.clock.advance(5 * MINUTE);
    await node.alerts.round();
    expect(node.lines.slice(3).map(({ subject }) => subject)).toEqual(['37 more alerts']);
    node.clock.advance(31 * MINUTE);
    await node.alerts.round();
    expect(node.lines.slice(4).every(({ subject }) => subject.startsWith('Not acknowledged'))).toBe(true);
    expect(node.lines).toHaveLength(7);
  });

  it('escalates once for all nodes', async () => {
    const clock = new ManualClock();
    const nodes = [nodeOf(sql(), LOG, { clock }), nodeOf(sql(), LOG, { clock })] as const;
    await nodes[0].happen(occurrence(clock.now()));
    clock.advance(30 * MINUTE);
    await Promise.all(nodes.map((node) => node.alerts.round()));
    const lines = nodes.flatMap((node) => node.lines);
    expect(lines.map(({ subject }) => subject.split(':')[0])).toEqual([
      'Passwords are being guessed (address=203.0.113.7)',
      'Not acknowledged',
    ]);
  });

  it('resolves by itself what works again, once', async () => {
    const node = nodeOf(sql());
    await node.happen(occurrence(node.clock.now(), { rule: 'BACKUP_FAILED', group: '' }));
    const alert = await node.alerts.book.recover('BACKUP_FAILED', '', 'evt_r', 'A backup was made.');
    expect(alert).toMatchObject({ state: 'RESOLVED', changedBy: null });
    expect(await node.alerts.book.recover('BACKUP_FAILED', '', 'evt_r', 'x')).toBeUndefined();
  });

  it('lists the most severe of those that are open first, page by page', async () => {
    const node = nodeOf(sql());
    const kinds = ['MEDIUM', 'CRITICAL', 'HIGH', 'MEDIUM', 'CRITICAL'] as const;
    for (const [i, severity] of kinds.entries()) {
      await node.happen(occurrence(node.clock.now(), { group: `account=${i}`, severity }));
    }
    const whole = (await node.alerts.store.list({ limit: 10 })).alerts;
    const settled = whole[0]?.id ?? '';
    await sql().transaction((tx) =>
      node.alerts.book.act(tx, settled, { kind: 'resolve', note: '' }, 'user:ada'),
    );
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof node.alerts.store.list>> = await node.alerts.store.list({
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      pages.push(...page.alerts.map(({ group, severity }) => `${group} ${severity}`));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages).toEqual([
      'account=1 CRITICAL',
      'account=2 HIGH',
      'account=3 MEDIUM',
      'account=0 MEDIUM',
      'account=4 CRITICAL',
    ]);
    const critical = await node.alerts.store.list({
      limit: 10,
      states: ['ACTIVE'],
      severities: ['CRITICAL'],
    });
    expect(critical.alerts).toHaveLength(1);
  });

  it('forgets what was settled long ago, and nothing that is open', async () => {
    const node = nodeOf(sql(), { ...LOG, keep: '1d' });
    await node.happen(occurrence(node.clock.now()), occurrence(node.clock.now(), { group: 'other' }));
    const [one] = (await node.alerts.store.list({ limit: 1 })).alerts;
    await sql().transaction((tx) =>
      node.alerts.book.act(tx, one?.id ?? '', { kind: 'resolve', note: '' }, 'user:ada'),
    );
    node.clock.advance(25 * 60 * MINUTE);
    expect(await node.alerts.book.prune()).toBe(1);
    expect(await node.alerts.store.counts()).toMatchObject({ ACTIVE: 1, RESOLVED: 0 });
  });

  it('drops what a full queue cannot hold, counts it, and takes it in when it is brought again', async () => {
    const clock = new ManualClock();
    const all = Array.from({ length: 20 }, () => occurrence(clock.now()));
    const inputs = all.map((one) => ({ kind: 'occurrence', one }) as const);
    const node = nodeOf(sql(), LOG, {
      clock,
      missed: () => Promise.resolve(inputs.slice(-15)),
      maxWaiting: 10,
    });
    node.alerts.take(inputs);
    expect(node.alerts.dropped).toBe(10);
    await node.alerts.round();
    const [alert] = (await node.alerts.store.list({ limit: 10 })).alerts;
    expect(alert?.count).toBe(20);
  });
});
