import { describe, expect, it } from 'vitest';
import type { EventFields } from '../../core/events.ts';
import { fieldOf } from './fields.ts';
import { hoursTest } from './hours.ts';
import { event, START } from './test-house.ts';
import { type Where, whereField } from './where.ts';

const fits = (where: Where | readonly Where[], fields: EventFields, type = 'SYSTEM_ERROR'): boolean =>
  whereField.parse(where, 'where')(event(type, START, fields));

describe('a condition', () => {
  it.each<[string, Where | readonly Where[], EventFields, boolean]>([
    ['equals', { actor: 'ann' }, { actor: 'ann' }, true],
    ['equals none', { actor: 'ann' }, {}, false],
    ['in a list', { 'details.code': ['A', 'B'] }, { details: { code: 'B' } }, true],
    ['not, of what is absent', { actor: { not: 'ann' } }, {}, true],
    ['not, of what is there', { actor: { not: ['ann', 'bob'] } }, { actor: 'bob' }, false],
    ['a number at least', { 'details.count': { atLeast: 5 } }, { details: { count: 5 } }, true],
    ['a text is no number', { 'details.count': { atLeast: 5 } }, { details: { count: '9' } }, false],
    ['between', { 'details.count': { atLeast: 5, atMost: 7 } }, { details: { count: 8 } }, false],
    ['a severity at least', { severity: { atLeast: 'HIGH' } }, { severity: 'CRITICAL' }, true],
    ['a severity below', { severity: { atLeast: 'HIGH' } }, { severity: 'MEDIUM' }, false],
    ['begins with', { actor: { startsWith: ['user:', 'guest:'] } }, { actor: 'user:1' }, true],
    ['begins not with, of nobody', { actor: { startsNotWith: 'service:' } }, {}, false],
    ['a word', { 'details.after': { word: 'admin' } }, { details: { after: 'customer admin' } }, true],
    [
      'a part of a word',
      { 'details.after': { word: 'admin' } },
      { details: { after: 'administrator' } },
      false,
    ],
    ['without a word', { 'details.before': { withoutWord: 'admin' } }, {}, true],
    ['absent', { actor: { exists: false } }, { actor: 'ann' }, false],
    ['all must hold', { actor: 'ann', route: '/x' }, { actor: 'ann', route: '/y' }, false],
    ['one of a list must hold', [{ actor: 'bob' }, { route: '/y' }], { actor: 'ann', route: '/y' }, true],
  ])('%s', (_name, where, fields, expected) => {
    expect(fits(where, fields)).toBe(expected);
  });

  it('never reads what an object merely inherits', () => {
    expect(fieldOf(event('SYSTEM_ERROR', START), 'details.constructor')).toBeUndefined();
    expect(fieldOf(event('SYSTEM_ERROR', START, { details: {} }), 'details.toString')).toBeUndefined();
  });
});

describe('a field', () => {
  const of = event('SIGN_IN_FAILED', START, {
    address: '2001:db8:1:2:3::4',
    details: { country: 'DE', account: 'a1' },
  });

  it('is an address by its network', () => {
    expect(fieldOf(of, 'network')).toBe('2001:db8:1:2::/64');
    expect(fieldOf({ ...of, address: '::ffff:192.0.2.1' }, 'network')).toBe('192.0.2.1');
    expect(fieldOf({ ...of, address: 'unknown' }, 'network')).toBeUndefined();
  });

  it('is what the event says, before what a file of places says', () => {
    const placeOf = () => ({ country: 'FR', asn: 64_500 });
    expect(fieldOf(of, 'country', placeOf)).toBe('DE');
    expect(fieldOf(of, 'asn', placeOf)).toBe(64_500);
  });

  it('is an account by its id, else by its pseudonym', () => {
    expect(fieldOf(of, 'account')).toBe('a1');
    expect(fieldOf({ ...of, subject: 'usr_1' }, 'account')).toBe('usr_1');
  });
});

describe('hours', () => {
  const at = (text: string): number => Date.parse(text);
  it.each([
    ['07:00-19:00', undefined, '2026-11-18T18:59:00Z', true],
    ['07:00-19:00', undefined, '2026-11-18T19:00:00Z', false],
    ['22:00-06:00', undefined, '2026-11-18T23:00:00Z', true],
    ['22:00-06:00', undefined, '2026-11-18T05:59:00Z', true],
    ['22:00-06:00', undefined, '2026-11-18T12:00:00Z', false],
    ['00:00-24:00', [1, 2, 3, 4, 5], '2026-11-21T12:00:00Z', false],
  ])('%s on %s hold at %s: %s', (between, days, time, expected) => {
    expect(hoursTest({ when: 'inside', between, days })(at(time))).toBe(expected);
    expect(hoursTest({ when: 'outside', between, days })(at(time))).toBe(!expected);
  });

  it('are those of a time zone, also when its clocks change', () => {
    const test = hoursTest({ when: 'inside', between: '07:00-19:00', timeZone: 'Europe/Berlin' });
    expect(test(at('2026-07-01T05:30:00Z'))).toBe(true);
    expect(test(at('2026-12-01T05:30:00Z'))).toBe(false);
  });
});
