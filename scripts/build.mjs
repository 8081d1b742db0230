/** npm run build: library and console, whatever changed; `--force` builds all. */
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode } from './lib/project.mjs';

await ensureInstalled();
await inRecentNode();
try {
  await ensureBuilt({ force: process.argv.includes('--force') });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
