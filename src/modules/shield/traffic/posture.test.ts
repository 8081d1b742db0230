import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOf, learn, pressureOf, UNKNOWN_BASELINE } from './baseline.ts';
import { PostureKeeper, type PostureChange } from './keeper.ts';
import { NORMAL, POSTURE_LEVELS, type PostureSecond, type PostureState, stepPosture } from './posture.ts';
import type { Pressure } from './baseline.ts';

const second = (pressure: Pressure, blocked = 0): PostureSecond => ({ pressure, blocked });
const after = (state: PostureState, seconds: number, what: PostureSecond): PostureState =>
  Array.from({ length: seconds }).reduce<PostureState>((one) => stepPosture(one, what), state);

describe('the posture', () => {
  it('rises by one step after five pressed seconds, and comes back by one after sixty calm ones', () => {
    expect(after(NORMAL, 4, second('extreme')).level).toBe('normal');
    const elevated = after(NORMAL, 5, second('extreme'));
    expect(elevated.level).toBe('elevated');
    const attack = after(elevated, 5, second('extreme'));
    expect(attack.level).toBe('attack');
    expect(after(attack, 59, second('calm')).level).toBe('attack');
    expect(after(attack, 60, second('calm')).level).toBe('elevated');
    expect(after(attack, 120, second('calm')).level).toBe('normal');
  });

  it('does not flutter between calm and pressed', () => {
    const elevated = after(NORMAL, 5, second('high'));
    expect(after(elevated, 10_000, second('usual')).level).toBe('elevated');
    const wavering = Array.from({ length: 1_000 }, (_, i) => second(i % 4 === 0 ? 'high' : 'calm'));
    expect(wavering.reduce(stepPosture, elevated).level).toBe('elevated');
    expect(wavering.reduce(stepPosture, NORMAL).level).toBe('normal');
  });

  it('rises when several clients are blocked at once, and not for one', () => {
    expect(after(NORMAL, 100, second('calm', 2)).level).toBe('normal');
    expect(after(NORMAL, 100, second('calm', 3)).level).toBe('elevated');
    expect(after(NORMAL, 100, second('calm', 20)).level).toBe('attack');
  });

  it('never takes two steps at once, whatever comes', () => {
    const seconds = fc.record({
      pressure: fc.constantFrom<Pressure>('calm', 'usual', 'high', 'extreme'),
      blocked: fc.nat({ max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 500 }), (all) => {
        let state = NORMAL;
        for (const one of all) {
          const next = stepPosture(state, one);
          const moved = POSTURE_LEVELS.indexOf(next.level) - POSTURE_LEVELS.indexOf(state.level);
          expect(Math.abs(moved)).toBeLessThanOrEqual(1);
          state = next;
        }
      }),
    );
  });
});

describe('the baseline', () => {
  const learnt = (rates: Iterable<number>) => {
    let baseline = UNKNOWN_BASELINE;
    for (const rate of rates) baseline = learn(baseline, rate, false);
    return baseline;
  };

  it('is silent while it learns', () => {
    expect(pressureOf(learnt([100_000, 100_000]), 'high', 300)).toBe('calm');
  });

  it('takes neither noise nor a busy hour that grows slowly for an attack', () => {
    let baseline = UNKNOWN_BASELINE;
    for (let i = 0; i < 7_200; i++) {
      const daily = 200 + 150 * (1 - Math.cos((i / 7_200) * 2 * Math.PI));
      baseline = learn(baseline, daily + 40 * Math.sin(i * 1.7), false);
      expect(pressureOf(baseline, 'medium', 300)).toBe('calm');
    }
  });

  it('sees ten times the usual within seconds, and does not learn it as usual within an hour', () => {
    let baseline = learnt(Array.from({ length: 1_200 }, (_, i) => 100 + (i % 7)));
    for (let i = 0; i < 10; i++) baseline = learn(baseline, 1_000, true);
    expect(pressureOf(baseline, 'medium', 300)).toBe('high');
    for (let i = 0; i < 600; i++) baseline = learn(baseline, 4_000, true);
    expect(pressureOf(baseline, 'medium', 300)).not.toBe('calm');
  });

  it('says that a small site is under no attack for a few requests', () => {
    const baseline = learnt(Array.from({ length: 600 }, () => 0.1));
    expect(boundOf(baseline, 'medium')).toBe(200);
    expect(boundOf(baseline, 'high')).toBe(50);
  });
});

describe('the keeper of the posture', () => {
  const keeper = (changes: PostureChange[], own: string[] = []) =>
    new PostureKeeper(
      {
        sensitivity: 'medium',
        warmUpMs: 10_000,
        onChange: (change) => changes.push(change),
        onOwn: (level) => own.push(level),
      },
      0,
      0,
    );
  const send = (to: PostureKeeper, from: number, seconds: number, rate: number): void => {
    for (let i = 0; i < seconds * rate; i++) {
      const at = from + (i * 1_000) / rate;
      to.count(at, at);
    }
  };

  it('rises under an attack by steps, tells of it, and comes back when nobody asks any more', () => {
    const changes: PostureChange[] = [];
    const own: string[] = [];
    const one = keeper(changes, own);
    send(one, 0, 60, 20);
    send(one, 60_000, 30, 5_000);
    expect(one.view(90_000, 90_000)).toMatchObject({ level: 'attack', own: 'attack', nodes: 1 });
    expect(one.view(400_000, 400_000).level).toBe('normal');
    expect(changes.map(({ to }) => to)).toEqual(['elevated', 'attack', 'normal']);
    expect(own[0]).toBe('elevated');
    expect(own.at(-1)).toBe('normal');
  });

  it('takes the hardest of all nodes, until that node is calm or silent', () => {
    const changes: PostureChange[] = [];
    const one = keeper(changes);
    one.heard('b', 'attack', 1_000, 1_000);
    expect(one.view(2_000, 2_000)).toMatchObject({ level: 'attack', own: 'normal', nodes: 1 });
    one.heard('b', 'normal', 3_000, 3_000);
    expect(one.level).toBe('normal');
    one.heard('c', 'elevated', 4_000, 4_000);
    expect(one.view(63_999, 63_999).level).toBe('elevated');
    expect(one.view(64_000, 64_000).level).toBe('normal');
  });

  it('computes a year of silence in a bounded time', () => {
    const one = keeper([]);
    one.count(0, 0);
    expect(one.view(3.2e10, 3.2e10).level).toBe('normal');
  });
});
