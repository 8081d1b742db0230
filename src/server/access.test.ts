import { describe, expect, it } from 'vitest';
import { type AccessOptions, prepareAccess } from './access.ts';
import { defineRampart, readConfig, type RampartConfig } from './config.ts';
import { readEnvironment } from './environment.ts';
import { samplePolicy } from './sample-policy.ts';
import { startupFindings } from './startup-checks.ts';

describe('access in the configuration', () => {
  it.each([
    [{ ...samplePolicy, unlisted: 'no' }, 'access.unlisted'],
    [{ ...samplePolicy, mode: 'off' }, 'access.mode'],
    [{ ...samplePolicy, grants: { maxKeyLife: '10y' } }, 'access.grants.maxKeyLife'],
    [{ ...samplePolicy, grants: { approval: ['owner'] } }, 'access.grants.approval[0]'],
    [
      { ...samplePolicy, grants: { separate: [{ roles: ['admin', 'owner'], reason: 'r' }] } },
      'access.grants.separate[0]',
    ],
    [
      { ...samplePolicy, grants: { separate: [{ roles: ['admin', 'admin'], reason: 'r' }] } },
      'access.grants.separate[0].roles',
    ],
    [{ roles: { a: { inherits: ['b'] } } }, 'access.roles'],
  ])('is refused with its path: %j', (access, path) => {
    expect(() => prepareAccess(access as never, [])).toThrow(path);
  });

  it('has another policy hash for another rule, and holds numbers of any size', () => {
    const hash = (access: RampartConfig['access']): string =>
      readConfig({ access: access ?? false }).policyHash;
    const limited = (over: bigint): NonNullable<RampartConfig['access']> => ({
      resources: { orders: { columns: { total: 'bigint' } } },
      roles: { clerk: { can: { 'orders:read': { lt: { total: over } } } } },
    });
    expect(hash(limited(9_007_199_254_740_993n))).not.toBe(hash(limited(9_007_199_254_740_995n)));
  });

  it('does not compile with a permission that the policy lacks', () => {
    const config = defineRampart({
      access: { ...samplePolicy, unlisted: 'deny' },
      routes: {
        '/orders/*': { require: 'orders:set-status' },
        '/me': { require: 'signed-in' },
        // @ts-expect-error -- a typo
        '/typo': { require: 'orders:raed' },
      },
    });
    expect(() => prepareAccess(config.access as AccessOptions, [])).not.toThrow();
  });

  it('names routes without a rule, but not those of the house (49)', () => {
    const config: RampartConfig = {
      limits: { api: { max: 60, window: '1m', by: 'ip' } },
      access: samplePolicy,
      routes: {
        '/orders/*': { require: 'orders:read' },
        'POST /new': {},
        'POST /auth/*': {},
        '/sample/*': {},
      },
    };
    const found = startupFindings(readEnvironment({}, false), readConfig(config));
    expect(found.find(({ text }) => text.includes('no rule of access'))?.text).toBe(
      'A route has no rule of access: POST /new.',
    );
    expect(found.some(({ text }) => text.includes('are let through'))).toBe(true);
    const strict = { ...config, access: { ...samplePolicy, unlisted: 'deny' as const } };
    const again = startupFindings(readEnvironment({}, false), readConfig(strict));
    expect(again.some(({ text }) => text.includes('are let through'))).toBe(false);
  });
});
