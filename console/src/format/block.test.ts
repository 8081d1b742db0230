import { describe, expect, it } from 'vitest';
import {
  BLOCK_KINDS,
  filterOfTarget,
  isWholeTarget,
  joinTarget,
  splitTarget,
  targetOfField,
} from './block.ts';

describe('the target of a block on the console', () => {
  it.each([
    ['203.0.113.7', 'address', '203.0.113.7'],
    ['2001:db8::/64', 'range', '2001:db8::/64'],
    ['2001:db8::1', 'address', '2001:db8::1'],
    ['asn:64500', 'asn', '64500'],
    ['country:DE', 'country', 'DE'],
    ['user:service:billing', 'user', 'service:billing'],
    ['session:ses_1', 'session', 'ses_1'],
    ['device:dev_1', 'device', 'dev_1'],
  ] as const)('%s is taken apart and put together', (target, kind, value) => {
    expect(splitTarget(target)).toEqual({ kind, value });
    expect(joinTarget(kind, ` ${value} `)).toBe(target);
    expect(isWholeTarget(target)).toBe(true);
    expect(BLOCK_KINDS).toContain(kind);
  });

  it.each(['', '203', 'asn:', 'asn:x', 'country:D', 'country:DEU', 'user:', 'user:a b'])(
    'asks nothing about %j yet',
    (target) => expect(isWholeTarget(target)).toBe(false),
  );

  it('comes from the values of decisions, and leads back to them', () => {
    expect(targetOfField('address', '203.0.113.7')).toBe('203.0.113.7');
    expect(targetOfField('address', 'unknown')).toBeNull();
    expect(targetOfField('principal', 'user:acc_1')).toBe('user:acc_1');
    expect(targetOfField('principal', 'service:billing')).toBe('user:service:billing');
    expect(targetOfField('route', 'GET /')).toBeNull();
    expect(filterOfTarget('user:acc_1')).toBe('principal:user:acc_1');
    expect(filterOfTarget('user:service:billing')).toBe('principal:service:billing');
    expect(filterOfTarget('203.0.113.0/24')).toBe('range:203.0.113.0/24');
    expect(filterOfTarget('country:DE')).toBe('country:DE');
    expect(filterOfTarget('session:ses_1')).toBeNull();
    expect(targetOfField('range', '203.0.113.0/24')).toBe('203.0.113.0/24');
    expect(targetOfField('asn', '64500')).toBe('asn:64500');
  });
});
