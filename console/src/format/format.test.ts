import { describe, expect, it } from 'vitest';
import { bytes, change, compact, millis, percent, plural, sampling, whole } from './number.ts';
import { ago, axisTime, clockTime, countdown, duration, fullTime, momentTime } from './time.ts';
import { valueName, valueText } from './value.ts';

describe('numbers', () => {
  it('are grouped, and shortened only where five digits would stand', () => {
    expect(whole(1_234_567)).toBe('1,234,567');
    expect(compact(9_999)).toBe('9,999');
    expect(compact(12_340)).toBe('12.3k');
  });

  it('never round a share to nothing or to everything', () => {
    expect(percent(0)).toBe('0 %');
    expect(percent(0.0004)).toBe('< 0.1 %');
    expect(percent(0.9999)).toBe('> 99.9 %');
    expect(percent(1)).toBe('100 %');
    expect(percent(0.042)).toBe('4.2 %');
    expect(percent(Number.NaN)).toBe('–');
  });

  it('compare with the span before', () => {
    expect(change(112, 100)).toEqual({ text: '+12 %', direction: 'up' });
    expect(change(50, 100)).toEqual({ text: '−50 %', direction: 'down' });
    expect(change(5000, 100)).toEqual({ text: '× 50', direction: 'up' });
    expect(change(7, 0).direction).toBe('new');
    expect(change(0, 0).direction).toBe('same');
    expect(change(1001, 1000).direction).toBe('same');
  });

  it('carry their unit', () => {
    expect(millis(0.04)).toBe('0.04 ms');
    expect(millis(3.21)).toBe('3.2 ms');
    expect(millis(1240)).toBe('1.24 s');
    expect(bytes(999)).toBe('999 B');
    expect(bytes(48_211)).toBe('48.2 kB');
    expect(plural(1, 'entry', 'entries')).toBe('1 entry');
    expect(plural(2, 'entry', 'entries')).toBe('2 entries');
  });

  it('say how much was sampled, and nothing when all was kept', () => {
    expect(sampling(0.1)).toBe('1 : 10 sample of passes');
    expect(sampling(1)).toBeNull();
  });
});

describe('times', () => {
  const at = Date.UTC(2026, 10, 21, 14, 5, 9);

  it('are written on a clock of 24 hours', () => {
    expect(clockTime(at, 'utc')).toBe('14:05:09');
    expect(momentTime(at, at + 3_600_000, 'utc')).toBe('14:05');
    expect(momentTime(at, at + 86_400_000, 'utc')).toMatch(/ 14:05$|, 14:05$/);
    expect(clockTime(Date.UTC(2026, 0, 1), 'utc', false)).toBe('00:00');
    expect(fullTime(at, 'utc')).toBe('21 Nov 2026, 14:05:09');
  });

  it('show days on long axes, minutes on short ones', () => {
    expect(axisTime(at, 7 * 86_400_000, 'utc')).toBe('21 Nov');
    expect(axisTime(at, 3_600_000, 'utc')).toBe('14:05');
    expect(axisTime(at, 60_000, 'utc')).toBe('14:05:09');
  });

  it('are told relative to now, backwards and forwards', () => {
    expect(ago(at, at + 3000)).toBe('just now');
    expect(ago(at, at + 42_000)).toBe('42 s ago');
    expect(ago(at, at + 3 * 3_600_000)).toBe('3 h ago');
    expect(ago(at, at - 300_000)).toBe('in 5 min');
  });

  it('last as long as their two largest units say', () => {
    expect(duration(0)).toBe('0 s');
    expect(duration(7_500_000)).toBe('2 h 5 min');
    expect(duration(86_400_000 + 30_000)).toBe('1 d');
    expect(duration(900_000)).toBe('15 min');
  });

  it('count down without ever showing less than is left', () => {
    expect(countdown(41_001)).toBe('0:42');
    expect(countdown(725_000)).toBe('12:05');
    expect(countdown(11_525_000)).toBe('3:12:05');
    expect(countdown(2 * 86_400_000 + 3 * 3_600_000)).toBe('2 d 3 h');
    expect(countdown(-5)).toBe('0:00');
  });
});

describe('values of a reason', () => {
  it('are written with the unit their name states', () => {
    expect(valueText('windowMs', 900_000, 'utc')).toBe('15 min');
    expect(valueText('untilMs', Date.UTC(2026, 10, 21), 'utc')).toBe('21 Nov 2026, 00:00:00');
    expect(valueText('retryAfterSeconds', 90, 'utc')).toBe('1 min 30 s');
    expect(valueText('weight', 0.67, 'utc')).toBe('0.67');
    expect(valueText('used', 1234, 'utc')).toBe('1,234');
    expect(valueText('token', null, 'utc')).toBe('none');
    expect(valueText('known', false, 'utc')).toBe('no');
  });

  it('lose the unit from their name', () => {
    expect(valueName('windowMs')).toBe('window');
    expect(valueName('retryAfterSeconds')).toBe('retry after');
  });
});
