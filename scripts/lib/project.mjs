/**
 * Where things are, and with which Node.js they run. Everything under scripts/ is plain JavaScript that Node.js 20
 * understands, because a fresh clone has nothing else yet.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInPlace } from './run.mjs';

/** The repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A path inside the repository. */
export const inRoot = (...parts) => join(ROOT, ...parts);

/** TypeScript runs without a build from here on. */
const LEAST = [22, 18];

/** Whether a version such as `v20.1.0` is older than the project runs on. */
export function isTooOld(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
}

/** The Node.js that the development dependencies bring, or `undefined` before they are installed. */
export function ownNode() {
  for (const name of ['node_modules/node/bin/node', 'node_modules/node/bin/node.exe']) {
    if (existsSync(inRoot(name))) return realpathSync(inRoot(name));
  }
  return undefined;
}

/**
 * Goes on with the same script and arguments in the project's own Node.js where this one is too old. Returns at once
 * where it is recent enough; otherwise the process ends here with the exit code of the other.
 */
export async function inRecentNode() {
  if (!isTooOld(process.version)) return;
  const node = ownNode();
  if (node === undefined) {
    console.error(
      `Node.js ${process.version} is too old: ${LEAST.join('.')} or newer is needed, and the npm package 'node' is not installed. Run npm ci.`,
    );
    process.exit(1);
  }
  await runInPlace(node, process.argv.slice(1));
}

/** An environment in which child processes find the project's tools and this very Node.js first. */
export function toolEnvironment(extra = {}) {
  const separator = process.platform === 'win32' ? ';' : ':';
  const path = [dirname(process.execPath), inRoot('node_modules', '.bin'), process.env.PATH ?? ''];
  return { ...process.env, ...extra, PATH: path.join(separator) };
}
