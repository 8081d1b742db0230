import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RampartEvent } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { readDetection } from '../modules/detect/index.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import { ManualClock } from '../testing/clock.ts';
import { readConfig, type RampartConfig } from './config.ts';
import { openDetection, type OpenedDetection } from './detection.ts';
import { buildHouse, type House } from './house.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

interface Running {
  readonly clock: ManualClock;
  readonly house: House;
  readonly detection: OpenedDetection;
  readonly journal: RampartEvent[];
  /** Lets everything through both stages. */
  readonly settle: () => Promise<void>;
}

let open: Running | undefined;
afterEach(async () => {
  await open?.detection.close();
  await open?.house.close();
  open = undefined;
});

/** @param loses events with which the node dies before they are written; nothing behind the journal sees them */
function running(config: RampartConfig = {}, loses = (_event: RampartEvent): boolean => false): Running {
  const clock = new ManualClock();
  const counters = memoryCounters({ clock });
  const read = readConfig(config);
  const journal: RampartEvent[] = [];
  const [dead, journalled] = [new Set<RampartEvent>(), new Set<RampartEvent>()];
  const detection = openDetection(read.detect, { counters, clock, timers: clock, house: () => house });
  const kept = {
    name: 'journal',
    stage: 'journal',
    on: '*',
    handle(events: readonly RampartEvent[]) {
      for (const event of events) (loses(event) ? dead : journalled).add(event);
      journal.splice(0, Infinity, ...journalled);
    },
  } as const;
  const house: House = buildHouse(read, {
    clock,
    timers: clock,
    node: 'test',
    log: { ...QUIET, child: () => QUIET } as never,
    counters,
    localCounters: counters,
    sink: { write: () => undefined },
    watchers: [
      kept,
      {
        ...detection.watcher,
        handle: (events) => detection.watcher.handle(events.filter((one) => !dead.has(one))),
      },
    ],
  });
  open = {
    clock,
    house,
    detection,
    journal,
    async settle() {
      await house.events.flush();
      await detection.detector.flush();
      await house.events.flush();
    },
  };
  return open;
}

describe('detection in a house', () => {
  it('is on without a word of configuration, and its detections are events of the same journal', async () => {
    const { house, journal, settle } = running();
    house.events.emit('REFRESH_REUSE', { subject: 'usr_bob', address: '198.51.100.7' });
    await settle();
    expect(journal.map((one) => one.type)).toEqual(['REFRESH_REUSE', 'DETECTION']);
    const found = readDetection(journal[1] as RampartEvent);
    expect(found).toMatchObject({
      rule: 'refresh_reuse',
      subject: 'usr_bob',
      events: [journal[0]?.id],
      updated: false,
    });
  });

  it('tells again what its journal did not take in time, and no more once it did', async () => {
    const lost: RampartEvent[] = [];
    const { clock, house, journal, settle } = running({}, (event) => {
      if (readDetection(event) === undefined || lost.length > 0) return false;
      lost.push(event);
      return true;
    });
    const again = async (): Promise<void> => {
      house.events.emit('REFRESH_REUSE', { subject: 'usr_bob', address: '198.51.100.7' });
      await settle();
      clock.advance(11_000);
    };
    for (let i = 0; i < 2; i++) await again();
    const found = journal.flatMap((event) => readDetection(event) ?? []);
    expect(found.map(({ id, rule, updated }) => [id, rule, updated])).toEqual([
      [lost[0]?.details?.['detection'], 'refresh_reuse', false],
    ]);
    for (let i = 0; i < 5; i++) await again();
    expect(journal.filter((event) => event.type === 'DETECTION')).toHaveLength(1);
  });

  it('looks at audit events, which do not walk the corridor', async () => {
    const { clock, detection, journal, settle } = running();
    const details = { before: 'customer', after: 'customer administrator' };
    detection.take(
      makeEvent('USER_ROLES_CHANGED', 'test', clock.now(), {
        actor: 'user:usr_ann',
        subject: 'usr_eve',
        details,
      }),
    );
    await settle();
    expect(journal.map((one) => one.details?.['rule'])).toContain('new_admin');
  });

  it('measures traffic at each full minute in which there was some', async () => {
    const { clock, detection, house, journal, settle } = running();
    detection.start();
    const some = { requests: 60, errors: 1, refused: 2, p50Ms: 3, p95Ms: 9 };
    vi.spyOn(house.traffic, 'takeMinute')
      .mockReturnValueOnce(some)
      .mockReturnValueOnce({ ...some, requests: 0 })
      .mockReturnValue(some);
    clock.advance(3 * 60_000);
    await settle();
    const measured = journal.filter((one) => one.type === 'TRAFFIC_MEASURED');
    expect(measured.map((one) => one.details)).toEqual([
      { ...some, nodes: 1 },
      { ...some, nodes: 1 },
    ]);
    expect(measured.every((one) => one.atMs % 60_000 === 0)).toBe(true);
    expect((measured[1]?.atMs ?? 0) - (measured[0]?.atMs ?? 0)).toBe(120_000);
  });

  it('measures and finds nothing where it is switched off', async () => {
    const { clock, detection, house, journal, settle } = running({ detect: { enabled: false } });
    detection.start();
    house.events.emit('REFRESH_REUSE', { subject: 'usr_bob' });
    clock.advance(3 * 60_000);
    await settle();
    expect(journal.map((one) => one.type)).toEqual(['REFRESH_REUSE']);
  });

  it('refuses rules that make no sense, in the words of the file', () => {
    expect(() => running({ detect: { rules: { brute_force: { window: '1s' } } } })).toThrow(
      /detect\.rules\.brute_force\.window/,
    );
  });
});
