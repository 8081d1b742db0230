/** node scripts/run.mjs FILE [arguments]: runs a TypeScript file with a Node.js that can. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode } from './lib/project.mjs';
import { runInPlace } from './lib/run.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined || !existsSync(file)) {
  console.error(
    file === undefined ? 'usage: node scripts/run.mjs FILE [arguments]' : `${file} is not there.`,
  );
  process.exit(2);
}
await ensureInstalled();
await inRecentNode();
await runInPlace(process.execPath, [resolve(file), ...args]);
