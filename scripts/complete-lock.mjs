/**
 * Writes into package-lock.json the optional platform packages that npm left out because the registry it asked does not
 * carry them. `npm ci` refuses a lock file without them, on every platform; with them it passes over what is for
 * another system. Such entries hold no integrity until a registry that has the package fills it in (`npm install`).
 *
 * node scripts/complete-lock.mjs [--check]: exit code 1 when `--check` finds something missing
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './lib/project.mjs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'sunos', 'aix', 'windows'];
const PROCESSORS = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];

/** What a platform package's name says of the machine that it is for; `undefined` for other packages. */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const system = SYSTEMS.find((one) => words.includes(one));
  const cpu = PROCESSORS.find((one) => words.includes(one));
  if (system === undefined || cpu === undefined) return undefined;
  const musl = words.some((word) => word.startsWith('musl'));
  const glibc = words.some((word) => word.startsWith('gnu'));
  return {
    cpu: [cpu],
    ...(system === 'linux' && (musl || glibc) ? { libc: [musl ? 'musl' : 'glibc'] } : {}),
    os: [system === 'windows' ? 'win32' : system],
  };
}

/** The entries that a lock file lacks, by their place in node_modules. */
export function missingEntries(packages) {
  const missing = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
      const platform = platformOf(name);
      if (platform === undefined || places.some((place) => packages[place] !== undefined)) continue;
      if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) continue;
      const { cpu, ...rest } = platform;
      missing[places[0]] = { version, cpu, ...(entry.dev ? { dev: true } : {}), optional: true, ...rest };
    }
  }
  return missing;
}

if (process.argv[1]?.endsWith('complete-lock.mjs')) {
  const file = inRoot('package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock.packages);
  const names = Object.keys(missing);
  for (const name of names) console.log(name);
  console.log(`${names.length} optional packages were missing`);
  if (process.argv.includes('--check')) process.exit(names.length === 0 ? 0 : 1);
  const sorted = Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) =>
    a.localeCompare(b, 'en'),
  );
  lock.packages = Object.fromEntries(sorted);
  if (names.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
