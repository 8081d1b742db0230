import { assert, integer, property, array, boolean, record, constantFrom } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionsError } from '../../../core/errors.ts';
import { counted, forgiven, NEW_COUNTER } from './counter.ts';
import { crowdBegan, crowdFailed, crowdSucceeded, crowdWaitMs, NEW_CROWD, refreshed } from './crowd.ts';
import { counterExpiry } from './decide.ts';
import { delayMs, levelAt, lowered, NO_DELAY, raised, waitMs } from './delay.ts';
import { accountKeys, emailKey } from './names.ts';
import { readLockoutOptions } from './options.ts';
import { rulesOf } from './policy.ts';

const settings = readLockoutOptions('lockout', {});
const rules = rulesOf(settings, false);
const START = 1_795_000_000_000;
const gap = integer({ min: 0, max: 40 * 60_000 });

describe('growing delays', () => {
  it('never exceed the longest, and one level more is never shorter', () => {
    assert(
      property(integer({ min: 0, max: 100 }), (level) => {
        expect(delayMs(level, rules.pair)).toBeLessThanOrEqual(settings.longestDelay);
        expect(delayMs(level + 1, rules.pair)).toBeGreaterThanOrEqual(delayMs(level, rules.pair));
      }),
    );
  });

  it('are taken back exactly by the attempt that imposed them', () => {
    assert(
      property(array(gap, { maxLength: 30 }), gap, (gaps, last) => {
        let at = START;
        let delay = NO_DELAY;
        for (const ms of gaps) {
          at = Math.max(at, delay.blockedUntilMs) + ms;
          delay = raised(delay, at, rules.pair);
        }
        at = Math.max(at, delay.blockedUntilMs) + last;
        const before = levelAt(delay, at, rules.pair);
        const most = delayMs(before + 1, rules.pair) === delayMs(before, rules.pair);
        const after = lowered(raised(delay, at, rules.pair), at, rules.pair);
        if (!most) expect(after).toEqual({ level: before, blockedUntilMs: at });
        expect(waitMs(after, at, rules.pair)).toBe(0);
        expect(lowered(delay, delay.blockedUntilMs, rules.pair)).toEqual(delay);
      }),
    );
  });

  it('do not lock for ever where the clock was set back', () => {
    const delay = raised(NO_DELAY, START, rules.pair);
    expect(waitMs(delay, START - 86_400_000, rules.pair)).toBe(settings.longestDelay);
  });
});

describe('a counter', () => {
  it('gives at most five guesses to any fifteen minutes that no delay interrupts, however they are timed', () => {
    assert(
      property(array(gap, { minLength: 10, maxLength: 80 }), (gaps) => {
        let counter = NEW_COUNTER;
        let at = START;
        const leaves: { at: number; blocked: boolean }[] = [];
        for (const ms of gaps) {
          at += ms;
          if (waitMs(counter, at, rules.pair) > 0) continue;
          counter = counted(counter, 'acc_1', at, rules.pair);
          leaves.push({ at, blocked: counter.blockedUntilMs > at });
        }
        for (let i = 4; i < leaves.length; i++) {
          const window = leaves.slice(i - 4, i + 1);
          const first = window.at(0) as { at: number };
          const last = window.at(-1) as { at: number };
          if (last.at - first.at < rules.pair.windowMs)
            expect(window.some(({ blocked }) => blocked)).toBe(true);
        }
        expect(counter.recent.length).toBeLessThanOrEqual(5);
        expect(counter.streak).toBe(leaves.length);
      }),
    );
  });

  it('is as new after a success of the only account in it', () => {
    assert(
      property(array(gap, { maxLength: 30 }), (gaps) => {
        let counter = NEW_COUNTER;
        let at = START;
        for (const ms of gaps) counter = counted(counter, 'acc_1', (at += ms), rules.pair);
        expect(forgiven(counted(counter, 'acc_1', at, rules.pair), 'acc_1', at, rules.pair)).toEqual(
          NEW_COUNTER,
        );
      }),
    );
  });

  it('keeps n failures in a row for n days: whoever waits for their end gets a guess a day', () => {
    let counter = NEW_COUNTER;
    for (let i = 1; i <= 40; i++) {
      counter = counted(counter, '-', START, undefined);
      const days = (counterExpiry(counter, START, 900_000) - START) / 86_400_000;
      expect(days).toBe(Math.min(i, 30));
    }
  });
});

describe('a crowd', () => {
  it('stays bounded and consistent under any order of events', () => {
    const act = record({
      who: integer({ min: 0, max: 400 }),
      kind: constantFrom('begin', 'fail', 'succeed'),
      ms: integer({ min: 0, max: 5_000 }),
      tight: boolean(),
    });
    assert(
      property(array(act, { maxLength: 400 }), (acts) => {
        let crowd = NEW_CROWD;
        let at = START;
        for (const { who, kind, ms, tight } of acts) {
          at += ms;
          const rule = rulesOf(settings, tight).group;
          crowd = refreshed(crowd, at, rule);
          const name = `m${who}`;
          if (kind === 'succeed') crowd = crowdSucceeded(crowd, name, at, at, rule);
          else if (kind === 'fail') crowd = crowdFailed(crowd, name, at, rule);
          else if (crowdWaitMs(crowd, name, at, rule) === 0) crowd = crowdBegan(crowd, name, at, rule);
          expect(crowd.pending.length).toBeLessThanOrEqual(101);
          expect(crowd.failed.length).toBeLessThanOrEqual(61);
          expect(crowd.succeeded.length).toBeLessThanOrEqual(50);
          const names = crowd.failed.map(([one]) => one);
          expect(new Set(names).size).toBe(names.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes attempts that never came back for failures', () => {
    let crowd = NEW_CROWD;
    for (let i = 0; i < 12; i++) crowd = crowdBegan(crowd, `m${i}`, START, rules.group);
    expect(refreshed(crowd, START + 29_999, rules.group).failed).toHaveLength(0);
    expect(refreshed(crowd, START + 30_000, rules.group).failed).toHaveLength(12);
  });
});

describe('names of accounts', () => {
  it('are unique whatever case, width, space and dot they are written with', () => {
    const same = ['a.b@example.com', ' A.B@EXAMPLE.COM\n', 'ａ.ｂ@ｅxample.com', 'a.b@example.com.'];
    expect(new Set(same.map(emailKey))).toEqual(new Set(['a.b@example.com']));
    expect(emailKey('user@Bücher.example')).toBe('user@xn--bcher-kva.example');
    expect(emailKey('user+tag@example.com')).toBe('user+tag@example.com');
  });

  it('keep apart what is apart: tags are other addresses, look-alikes other accounts', () => {
    const keyOf = accountKeys(new Uint8Array(32));
    expect(keyOf('us\u00ADer+tag@example.com')).toBe(keyOf('User@Example.com'));
    expect(keyOf('us\u0435r@example.com')).not.toBe(keyOf('user@example.com'));
    expect(keyOf('user@example.com')).not.toBe(keyOf('user@example.org'));
    expect(keyOf('+tag@example.com')).not.toBe(keyOf('+other@example.com'));
    expect(emailKey('a@exa mple')).not.toBe(emailKey('a@exb mple'));
  });

  it('are not told by their digest without the key, and another house has others', () => {
    const one = accountKeys(new Uint8Array(32));
    const other = accountKeys(new Uint8Array(32).fill(1));
    expect(one('user@example.com')).toMatch(/^[\w-]{43}$/);
    expect(one('user@example.com')).not.toBe(other('user@example.com'));
  });

  it('are bounded and stable for any text', () => {
    assert(
      property(
        array(constantFrom('@', '.', '+', 'a', 'İ', 'ﬁ', '\u200B', '\uD800', '。', ' '), { maxLength: 40 }),
        (parts) => {
          const text = parts.join('');
          expect(emailKey(text).length).toBeLessThanOrEqual(254);
          expect(emailKey(emailKey(text))).toBe(emailKey(text));
        },
      ),
      { numRuns: 2_000 },
    );
    expect(emailKey(`${'a'.repeat(10_000_000)}@example.com`)).toHaveLength(254);
  });
});

describe('options', () => {
  it.each([
    [{ codeFailures: 11 }, 'lockout.codeFailures'],
    [{ passwordFailures: 101 }, 'lockout.passwordFailures'],
    [{ groupDelayAfterInFlood: 11 }, 'lockout.groupDelayAfterInFlood'],
    [{ firstDelay: '5m', longestAccountDelay: '1m' }, 'lockout.longestAccountDelay'],
    [{ delayAfer: 3 }, 'lockout.delayAfer'],
  ])('refuse %j at %s', (given, path) => {
    expect(() => readLockoutOptions('lockout', given)).toThrow(OptionsError);
    expect(() => readLockoutOptions('lockout', given)).toThrow(path);
  });
});
