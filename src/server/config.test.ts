import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import { defineRampart, findConfigFile, loadConfigFile, readConfig, type RampartConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the configuration', () => {
  it('has a safe default for everything', () => {
    expect(readConfig({})).toMatchObject({
      proxy: { trustProxy: false, maxHops: 5, ipv6Bits: 64 },
      rules: [],
      errors: { format: 'auto', development: false },
      records: { passes: 'auto', journalBytes: 2 ** 30 },
      accessLog: true,
    });
  });

  it('knows the names of its limits: a typo in a route is a compile error', () => {
    const config = defineRampart({
      limits: { api: { max: 60, window: '1m', by: 'ip' } },
      // @ts-expect-error there is no such limit
      routes: { '/orders': { limit: 'appi' } },
    });
    expectTypeOf(config).toExtend<RampartConfig<'api'>>();
  });

  it.each([
    [{ limit: {} }, /^limit: unknown option; did you mean 'limits'\?/],
    [{ trustProxy: ['10.0.0.0/99'] }, undefined],
    [{ ipv6Bits: 20 }, /^ipv6Bits: 20 is outside 48 to 128/],
    [{ routes: { '/x': { limits: 'api' } } }, /^routes\.\/x\.limits: unknown option; did you mean 'limit'\?/],
    [{ records: { passes: 2 } }, /^records\.passes: 2 is outside 0 to 1/],
    [{ records: { journalMib: 0 } }, /^records\.journalMib: 0 is outside 1 to/],
    [{ identify: 'me' }, /^identify: expected a function/],
    [{ accessLog: 'no' }, /^accessLog: expected true or false/],
  ])('refuses %j with its path', (given, message) => {
    if (message === undefined) return expect(readConfig(given as never)).toBeDefined(); // read by the house
    expect(() => readConfig(given as never)).toThrow(message);
  });

  it('has a hash that changes with what decides, and with nothing else', () => {
    const base: RampartConfig = { limits: { api: { max: 60, window: '1m', by: 'ip' } } };
    const hash = (config: RampartConfig): string => readConfig(config).policyHash;
    expect(hash({ ...base, accessLog: false })).toBe(hash(base));
    expect(hash({ ...base, records: { passes: 0.5 } })).toBe(hash(base));
    expect(hash({ limits: { api: { max: 61, window: '1m', by: 'ip' } } })).not.toBe(hash(base));
    expect(hash({ limits: { api: { max: 60, window: '1m', by: () => 'a' } } })).not.toBe(
      hash({ limits: { api: { max: 60, window: '1m', by: () => 'b' } } }),
    );
  });

  it('is loaded from a TypeScript file, and a file that cannot be is named with the reason', async () => {
    const file = join(folder, 'rampart.config.ts');
    writeFileSync(
      file,
      'const max: number = 7;\nexport default { limits: { api: { max, window: "1m", by: "ip" } } };\n',
    );
    expect(findConfigFile(folder)).toBe(file);
    expect(readConfig(await loadConfigFile(file)).limits['api']?.max).toBe(7);
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, 'export default {');
    await expect(loadConfigFile(broken)).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
    const empty = join(folder, 'empty.mjs');
    writeFileSync(empty, 'export const x = 1;');
    await expect(loadConfigFile(empty)).rejects.toThrow(/exports no configuration/);
    expect(findConfigFile(tmpdir())).toBeUndefined();
  });
});
