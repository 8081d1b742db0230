import { describe, expect, it } from 'vitest';
import { accountPath } from './next.ts';
import { pagesFor } from './pages.ts';

const at = (address: string): { pathname: string; search: string } => {
  const { pathname, search } = new URL(address, 'http://console');
  return { pathname, search };
};

describe('the way to the sign-in', () => {
  it('leads back to the page that was asked for', () => {
    expect(accountPath('sign-in', at('/console'))).toBe('/account/sign-in?next=/console');
    expect(accountPath('sign-in', at('/console/'))).toBe('/account/sign-in?next=/console');
    const path = accountPath('sign-in', at('/console/users?q=ada&role=viewer'));
    expect(new URL(path, 'http://x').searchParams.get('next')).toBe('/console/users?q=ada&role=viewer');
    expect(accountPath('enrol', at('/console/blocks'))).toBe('/account/enrol?next=/console/blocks');
  });

  it.each([
    '/console/setup',
    '/consolex',
    '/elsewhere',
    '//evil.example/console',
    `/console?q=${'x'.repeat(1001)}`,
  ])('never leads on to %s', (address) => {
    const [pathname = '', search] = address.split('?');
    expect(accountPath('sign-in', { pathname, search: search === undefined ? '' : `?${search}` })).toBe(
      '/account/sign-in?next=/console',
    );
  });

  it('keeps a value of the address from becoming a parameter of the sign-in', () => {
    const path = accountPath('sign-in', at('/console?q=a%26next=//evil.example'));
    expect(new URL(path, 'http://x').searchParams.getAll('next')).toHaveLength(1);
  });
});

describe('the navigation', () => {
  it('has the mailbox where mails are kept, for administrators alone', () => {
    const has = (mailbox: boolean, role: 'viewer' | 'administrator'): boolean =>
      pagesFor({ mailbox, role }).some(({ to }) => to === '/mailbox');
    expect(has(true, 'administrator')).toBe(true);
    expect(has(false, 'administrator')).toBe(false);
    expect(has(true, 'viewer')).toBe(false);
  });

  it('has access for analysts and administrators', () => {
    const has = (role: 'viewer' | 'analyst' | 'administrator'): boolean =>
      pagesFor({ mailbox: false, role }).some(({ to }) => to === '/access');
    expect(has('analyst')).toBe(true);
    expect(has('administrator')).toBe(true);
    expect(has('viewer')).toBe(false);
  });

  it('has the keys for administrators alone, and slow statements for everybody', () => {
    const has = (page: string, role: 'viewer' | 'analyst' | 'administrator'): boolean =>
      pagesFor({ mailbox: false, role }).some(({ to }) => to === page);
    expect([has('/keys', 'administrator'), has('/keys', 'analyst')]).toEqual([true, false]);
    expect(has('/queries', 'viewer')).toBe(true);
  });
});
