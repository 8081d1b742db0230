import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doors, exportsOf } from '../scripts/lib/exports.mjs';
import { whatLoads } from './house/loaded.ts';
import { foldersWithDoor, ROOT } from './house/sources.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly sideEffects: unknown;
  readonly type: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const sourceOf = (built: string): string =>
  built.replace(/^\.\/dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');

describe('the doors of the package', () => {
  it('are the ones that the folders hold (npm run docs writes them)', () => {
    expect(manifest.exports).toEqual(exportsOf(ROOT));
  });

  it('are one for the kernel, and one for every module and adapter', () => {
    const subpaths = Object.keys(manifest.exports);
    expect(subpaths).toContain('.');
    const folders = [...foldersWithDoor('src/modules'), ...foldersWithDoor('src/adapters')];
    expect(folders.length).toBeGreaterThan(0);
    for (const name of folders) expect(subpaths).toContain(`./${name}`);
  });

  it('lead to code and to types that stand', () => {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string') continue;
      expect(existsSync(join(ROOT, sourceOf(target.default))), `${subpath} → ${target.default}`).toBe(true);
      expect(sourceOf(target.types)).toBe(sourceOf(target.default));
    }
  });

  it('would be seen missing when a module has come', () => {
    expect(doors(join(ROOT, 'no-such-folder')).size).toBe(1);
    expect(doors(ROOT).size).toBeGreaterThan(1);
  });

  it('let bundlers leave out what is not used', () => {
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.type).toBe('module');
  });

  it('bring the command, where the server stands', () => {
    const command = sourceOf(manifest.bin['rampart'] ?? '');
    expect(command).toBe('src/server/cli/main.ts');
    if (!existsSync(join(ROOT, command))) return;
    expect(readFileSync(join(ROOT, command), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('ship the build and not the sources', () => {
    expect(manifest.files).toContain('dist');
    expect(manifest.files).not.toContain('src');
  });
});

describe('importing a door', () => {
  // The server's own packages are loaded when it is started, never by a door of the library. Accounts are made of
  // packages (Argon2, WebAuthn, mail), and so are ready fields: their doors are opened by whoever wants them.
  it.each([...doors(ROOT)].filter(([subpath]) => !['./testing', './identity', './fields'].includes(subpath)))(
    'loads no package: %s',
    (_subpath, source) => {
      const loaded = whatLoads(join(ROOT, source));
      expect(loaded.files).toBeGreaterThan(0);
      expect(loaded.packages).toEqual([]);
    },
  );

  it('would be caught loading one', () => {
    const folder = mkdtempSync(join(ROOT, 'node_modules', '.rampart-test-'));
    try {
      const file = join(folder, 'door.mjs');
      writeFileSync(file, `import pino from 'pino';\nexport const log = pino;\n`);
      expect(whatLoads(file).packages).toContain('pino');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
