/** Which doors the package has: one subpath per module, adapter and driver that exists. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

function doorsIn(root, folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(path, entry.name, 'index.ts')))
    .map((entry) => entry.name)
    .toSorted();
}

/** Subpath and source of every door, the package's own first. */
export function doors(root) {
  const first = ['src/doors/index.ts', 'src/index.ts', 'src/core/index.ts'];
  const found = new Map([['.', first.find((file) => existsSync(join(root, file)))]]);
  for (const name of doorsIn(root, 'src/modules')) found.set(`./${name}`, `src/modules/${name}/index.ts`);
  for (const name of doorsIn(root, 'src/adapters')) found.set(`./${name}`, `src/adapters/${name}/index.ts`);
  for (const name of doorsIn(root, 'src/stores'))
    found.set(`./stores/${name}`, `src/stores/${name}/index.ts`);
  if (existsSync(join(root, 'src/testing/index.ts'))) found.set('./testing', 'src/testing/index.ts');
  const composed = existsSync(join(root, 'src/doors')) ? readdirSync(join(root, 'src/doors')) : [];
  // A door that composes (adapter and configuration) stands before the bare adapter of the same name.
  for (const file of composed.toSorted()) {
    const name = /^([a-z-]+)\.ts$/.exec(file)?.[1];
    if (name !== undefined && name !== 'index') found.set(`./${name}`, `src/doors/${file}`);
  }
  return found;
}

/** The `exports` of package.json. */
export function exportsOf(root) {
  const built = (source, end) => `./${source.replace(/^src\//, 'dist/').replace(/\.ts$/, end)}`;
  const entries = [...doors(root)].map(([subpath, source]) => [
    subpath,
    { types: built(source, '.d.ts'), default: built(source, '.js') },
  ]);
  return { ...Object.fromEntries(entries), './package.json': './package.json' };
}
