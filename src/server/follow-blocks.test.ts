import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/clock.ts';
import { followBlocks } from './follow-blocks.ts';

function stand(kind: 'server' | 'embedded' = 'server') {
  const clock = new ManualClock();
  const state = { revision: 'one' as string | undefined, reloads: 0, asked: 0, down: false };
  const warned: string[] = [];
  const end = followBlocks({
    sql: { kind },
    blocks: {
      revision: () => {
        state.asked++;
        return state.down ? Promise.reject(new Error('down')) : Promise.resolve(state.revision);
      },
    },
    timers: clock,
    log: { warn: (message) => void warned.push(message) },
    reload: () => Promise.resolve(void state.reloads++),
  });
  const half = async (): Promise<void> => {
    clock.advance(500);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { state, warned, end, half };
}

describe('changes of blocks that no message told', () => {
  it('are read within half a second, once for each', async () => {
    const { state, half, end } = stand();
    await half();
    expect(state.reloads).toBe(1);
    await half();
    expect(state.reloads).toBe(1);
    state.revision = 'two';
    await half();
    expect(state.reloads).toBe(2);
    await end();
    state.revision = 'three';
    await half();
    expect([state.reloads, state.asked]).toEqual([2, 3]);
  });

  it('are read once the database answers again, with one word about the outage', async () => {
    const { state, warned, half } = stand();
    await half();
    state.down = true;
    for (let i = 0; i < 4; i++) await half();
    expect(warned).toHaveLength(1);
    state.down = false;
    state.revision = 'two';
    await half();
    expect(state.reloads).toBe(2);
  });

  it('are not asked for where the database is this process alone', async () => {
    const { state, half } = stand('embedded');
    await half();
    expect(state.asked).toBe(0);
  });
});
