import { describe, expect, it } from 'vitest';
import { rangeFaults, rangeOf } from './range.ts';

const NONE = { from: '', to: '', type: '', actor: '', subject: '' };

describe('a range of the log', () => {
  it('is all that is signed where nothing is said', () => {
    expect(rangeOf(NONE, 40)).toEqual({ from: 0, to: 39 });
    expect(rangeFaults(NONE, 40)).toEqual({});
  });

  it('has places as they are written, and only what somebody filtered by', () => {
    const given = { ...NONE, from: ' 1,200 ', to: '48 210', actor: ' user:acc_1 ', type: ' ' };
    expect(rangeOf(given, 50_000)).toEqual({ from: 1200, to: 48_210, actor: 'user:acc_1' });
    expect(rangeFaults(given, 50_000)).toEqual({});
  });

  it('says what is wrong with it', () => {
    expect(Object.keys(rangeFaults({ ...NONE, from: '-1', to: 'x' }, 40))).toEqual(['from', 'to']);
    expect(rangeFaults({ ...NONE, to: '40' }, 40).to).toContain('Signed up to 39');
    expect(rangeFaults({ ...NONE, from: '9', to: '3' }, 40).from).toContain('behind the end');
    expect(rangeFaults(NONE, 200_001).to).toContain('200,000');
    expect(rangeFaults(NONE, 200_000)).toEqual({});
  });
});
