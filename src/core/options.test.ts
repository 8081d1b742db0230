import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { OptionsError } from './errors.ts';
import * as o from './options.ts';

const fields = {
  max: o.number({ min: 1, max: 100 }),
  windowMs: o.duration({ min: '1s', default: '1m' }),
  mode: o.oneOf(['enforce', 'shadow'], 'enforce'),
  note: o.optional(o.text({ max: 5 })),
  tags: o.list(o.text(), { default: [], atMost: 2 }),
};

function problem(given: unknown): string {
  try {
    o.readOptions('limits.api', given, fields);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
}

describe('options', () => {
  it('are read with defaults and in the units of the inside', () => {
    expect(o.readOptions('x', { max: 5, windowMs: '15m' }, fields)).toEqual({
      max: 5,
      windowMs: 900_000,
      mode: 'enforce',
      tags: [],
    });
  });

  it.each([
    [undefined, /^limits\.api: expected an object, found nothing/],
    [[], /found a list/],
    [{ max: undefined }, /^limits\.api\.max: expected a whole number, found nothing/],
    [{ max: 0 }, /max: 0 is outside 1 to 100/],
    [{ max: NaN }, /max: expected a whole number/],
    [{ max: Infinity }, /max/],
    [{ max: 1.5 }, /max: expected a whole number/],
    [{ max: '5' }, /max: expected a whole number, found '5'/],
    [{ max: 1, windowMs: '500ms' }, /windowMs: 500ms is shorter than 1s/],
    [{ max: 1, windowMs: 60 }, /windowMs: expected a duration such as '10s', found 60/],
    [{ max: 1, windowMs: '1 minute' }, /is not a duration; write/],
    [{ max: 1, mode: 'enforced' }, /mode: expected one of enforce, shadow/],
    [{ max: 1, maxx: 1 }, /limits\.api\.maxx: unknown option; did you mean 'max'\?/],
    [{ max: 1, completely: 1 }, /completely: unknown option/],
    [{ max: 1, note: 'too long' }, /note: expected 1 to 5 characters/],
    [{ max: 1, tags: ['a', 'b', 'c'] }, /tags: more than 2 items/],
    [{ max: 1, tags: ['a', 7] }, /tags\[1\]: expected text, found 7/],
    [JSON.parse('{"max":1,"__proto__":{}}'), /__proto__: unknown option/],
  ])('refuse %j with the path and the reason', (given, message) => {
    expect(problem(given)).toMatch(message);
  });

  it('never take prototype names as free keys', () => {
    expect(() => o.record(o.flag(true)).parse(JSON.parse('{"__proto__":true}'), 'p')).toThrow(
      /cannot be used/,
    );
  });
});

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['1.5s', 1500],
  ])('reads %s as %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
  it.each(['', '10', 's', '-1s', '1e3s', '10 s', '1s1s', '9'.repeat(20) + 's'])('refuses %s', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
  it('writes what it reads', () => {
    for (const text of ['250ms', '10s', '15m', '1h', '7d'])
      expect(formatDuration(parseDuration(text) as number)).toBe(text);
  });
});
