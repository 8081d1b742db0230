/** Brings node_modules to what package-lock.json says, and does nothing where it says so already. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { inRoot, ROOT } from './project.mjs';
import { during, runQuietly } from './run.mjs';

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(inRoot(file), 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/**
 * Why the packages have to be installed, or `undefined`. Versions are compared, not times: a checkout touches files
 * without changing them, and an install by hand is as good as ours.
 */
export function whatIsMissing() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (wanted === undefined) return undefined;
  if (present === undefined) return 'nothing is installed yet';
  for (const [path, entry] of Object.entries(wanted)) {
    const needed = path.includes('node_modules/') && !entry.link && !entry.optional && !entry.devOptional;
    if (!needed) continue;
    if (present[path]?.version !== entry.version || !existsSync(inRoot(path))) return `${path} is not there`;
  }
  return undefined;
}

/** Installs what is missing. Ends the process with npm's words when npm cannot. */
export async function ensureInstalled() {
  if (whatIsMissing() === undefined) return;
  // npm clears node_modules first, so it must not run in the Node.js that lies there.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !resolve(folder).startsWith(inRoot('node_modules')))
    .join(delimiter);
  const { code, output } = await during('Installing packages (npm ci)', () =>
    runQuietly('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: ROOT,
      env: { ...process.env, PATH: path, NODE_ENV: '' },
      shell: process.platform === 'win32',
    }),
  );
  if (code === 0) return;
  console.error(`${output.trim()}\nnpm ci ended with ${code}.`);
  process.exit(1);
}
