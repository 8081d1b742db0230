import { expect, it } from 'vitest';
import { principalSettings } from './principal.ts';

const person = { id: 'user:1', kind: 'user', roles: ['customer'] } as const;

it('says nothing of an earlier principal: what this one lacks is empty', () => {
  const settings = new Map(principalSettings(person, 5));
  expect(settings.get('rampart.user')).toBe('user:1');
  expect(settings.get('rampart.tenant')).toBe('');
  expect(settings.get('rampart.proven_at_ms')).toBe('');
});

it('refuses an id that PostgreSQL would read as another one', () => {
  for (const wrong of [{ id: 'user:\ud800' }, { tenant: '\udfff' }])
    expect(() => principalSettings({ ...person, ...wrong }, 5)).toThrow('well-formed');
  expect(() => principalSettings({ ...person, id: 'user:\u{1f989}' }, 5)).not.toThrow();
});
