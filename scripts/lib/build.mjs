/** Builds the library, the browser package and the console, each only when what it is made from has changed since. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { inRoot, ROOT, toolEnvironment } from './project.mjs';
import { during, runQuietly } from './run.mjs';

const SKIPPED = new Set(['node_modules', 'dist']);

/** All files of a folder, sorted; none where it does not exist. */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** Tests, and what stands beside them to help them: the same as in tsconfig.build.json. */
const isTest = (file) => /\.test\.tsx?$|(^|[/\\])test-[^/\\]+\.tsx?$/.test(file);

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/** Things to build: what from, what must be there afterwards, and how. */
const TARGETS = [
  {
    name: 'library',
    label: 'Building the library (tsc)',
    inputs: () =>
      [
        ...filesUnder(inRoot('src')).filter((file) => !isTest(file)),
        inRoot('tsconfig.json'),
        inRoot('tsconfig.build.json'),
        inRoot('package-lock.json'),
      ].filter((file) => existsSync(file)),
    result: inRoot('dist', 'core', 'index.js'),
    command: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    after: finishLibrary,
  },
  {
    name: 'client',
    label: 'Building the browser package (tsc)',
    inputs: () => [
      ...filesUnder(inRoot('client', 'src')).filter((file) => !isTest(file)),
      ...['client/tsconfig.json', 'client/package.json', 'package-lock.json'].map((file) => inRoot(file)),
    ],
    result: inRoot('client', 'dist', 'index.js'),
    command: ['node_modules/typescript/bin/tsc', '-p', 'client/tsconfig.json'],
  },
  {
    name: 'console',
    label: 'Building the console (vite)',
    inputs: () => {
      if (!existsSync(inRoot('console', 'index.html'))) return [];
      const types = ['types', 'auth-types', 'user-types'].map((name) => `src/server/api/${name}.ts`);
      const shared = [...types, 'package-lock.json'].map((file) => inRoot(file));
      const client = filesUnder(inRoot('client', 'src'));
      return [...filesUnder(inRoot('console')), ...client, ...shared].filter((file) => !isTest(file));
    },
    result: inRoot('console', 'dist', 'index.html'),
    command: ['node_modules/vite/bin/vite.js', 'build', 'console', '--logLevel', 'warn'],
  },
];

/** Takes away what no source stands behind any more, and brings along what is not TypeScript. */
function finishLibrary() {
  const sources = new Set(filesUnder(inRoot('src')).map((file) => relative(inRoot('src'), file)));
  for (const file of filesUnder(inRoot('dist'))) {
    const path = relative(inRoot('dist'), file);
    const source = path.replace(/(\.d\.ts|\.js\.map|\.js)$/, '.ts');
    if (!sources.has(path) && (!sources.has(source) || isTest(source))) rmSync(file);
  }
  for (const path of sources) {
    if (/\.(ts|tsx|md)$/.test(path)) continue;
    mkdirSync(dirname(inRoot('dist', path)), { recursive: true });
    copyFileSync(inRoot('src', path), inRoot('dist', path));
  }
}

/**
 * Builds what changed; says nothing about the rest.
 * @param {{ force?: boolean }} options `force` builds everything
 * @throws Error with the tool's words when a build fails
 */
export async function ensureBuilt({ force = false } = {}) {
  const stamps = inRoot('node_modules', '.cache', 'rampart');
  mkdirSync(stamps, { recursive: true });
  for (const target of TARGETS) {
    const inputs = target.inputs();
    if (inputs.length === 0) continue;
    const stamp = join(stamps, `${target.name}.built`);
    const hash = hashOf(inputs);
    const built = existsSync(target.result) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
    if (built && !force) continue;
    rmSync(stamp, { force: true });
    await during(target.label, async () => {
      const { code, output } = await runQuietly(process.execPath, target.command, {
        cwd: ROOT,
        env: toolEnvironment({ NODE_ENV: 'production' }),
      });
      if (code !== 0) throw new Error(`${output.trim()}\nThe ${target.name} could not be built.`);
      target.after?.();
    });
    writeFileSync(stamp, hash);
  }
}
