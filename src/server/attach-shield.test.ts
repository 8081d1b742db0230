import { afterEach, describe, expect, it } from 'vitest';
import type { Guard } from '../core/guard.ts';
import { type LiveExclusion, LiveExclusions } from '../modules/shield/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { followExclusions, type FollowParts } from './attach-shield.ts';

const ONE: LiveExclusion = { route: null, field: 'q', rules: ['sql'] };
const ODD: LiveExclusion = { ...ONE, route: 'a route' };
const HALF_A_MINUTE = 30_000;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an application with a database', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });
  const follow = async (guards = ['inspection']) => {
    const clock = new ManualClock();
    const exclusions = new LiveExclusions();
    const state = { list: [ONE], failing: false, reads: 0, warned: [] as string[] };
    const live = (): Promise<readonly LiveExclusion[]> => {
      state.reads += 1;
      return state.failing ? Promise.reject(new Error('down')) : Promise.resolve(state.list);
    };
    const parts = {
      house: { shield: { guards: guards.map((name) => ({ name }) as Guard), exclusions } },
      log: { warn: (message: string) => void state.warned.push(message) },
      kept: { sql: { kind: 'embedded' }, stores: { exclusions: { live } } },
      redisUrl: undefined,
      closers,
      timers: clock,
    };
    await followExclusions(parts as unknown as FollowParts);
    return { clock, exclusions, state };
  };

  it('leaves out what the console says from its start on, and reads it again every half a minute', async () => {
    const { clock, exclusions, state } = await follow();
    expect(exclusions.list()).toEqual([ONE]);
    state.list = [];
    clock.advance(HALF_A_MINUTE);
    await settled();
    expect(exclusions.list()).toEqual([]);
    state.list = [ONE];
    clock.advance(HALF_A_MINUTE);
    await settled();
    expect(exclusions.list()).toEqual([ONE]);
  });

  it('goes on with what it has while the database does not answer, and says so', async () => {
    const { clock, exclusions, state } = await follow();
    state.failing = true;
    clock.advance(HALF_A_MINUTE);
    await settled();
    expect([exclusions.list(), state.warned]).toEqual([
      [ONE],
      [expect.stringContaining('could not be read')],
    ]);
    Object.assign(state, { failing: false, list: [] });
    clock.advance(HALF_A_MINUTE);
    await settled();
    expect(exclusions.list()).toEqual([]);
  });

  it('is told of exclusions whose route there cannot be', async () => {
    const { clock, state } = await follow();
    state.list = [ODD];
    clock.advance(HALF_A_MINUTE);
    await settled();
    expect(state.warned).toEqual([expect.stringContaining('act on nothing')]);
  });

  it('reads nothing once it has ended, nor where nothing is inspected', async () => {
    const { clock, state } = await follow();
    for (const close of closers.splice(0).toReversed()) await close();
    const before = state.reads;
    clock.advance(10 * HALF_A_MINUTE);
    await settled();
    expect([state.reads, clock.pending]).toEqual([before, 0]);
    expect((await follow(['shield.bots'])).state.reads).toBe(0);
  });
});
