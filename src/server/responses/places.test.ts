import { describe, expect, it } from 'vitest';
import { placeOfRequest } from './places.ts';

describe('what stays open while the house is locked down', () => {
  it.each([
    ['/livez', 'health'],
    ['/admin/responses', 'admin-api'],
    ['/console/setup', 'sign-in'],
    ['/auth/sign-in', 'sign-in'],
    ['/auth/mfa/verify', 'sign-in'],
    ['/auth/step-up/send', 'sign-in'],
    ['/auth/password/change', 'application'],
    ['/auth/mfa/disable', 'application'],
    ['/administration', 'application'],
    ['/sample/orders', 'application'],
  ])('%s is %s', (path, place) => {
    expect(placeOfRequest({ path }, false)).toBe(place);
  });

  it('is no folder of an application that happens to be called so', () => {
    expect(placeOfRequest({ path: '/admin/orders' }, true)).toBe('application');
    expect(placeOfRequest({ path: '/auth/sign-in' }, true)).toBe('sign-in');
  });
});
