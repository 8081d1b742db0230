/** npm start: installs what is missing, builds what changed, and becomes the server. */
import { existsSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode, inRoot } from './lib/project.mjs';
import { runInPlace } from './lib/run.mjs';

await ensureInstalled();
await inRecentNode();
try {
  await ensureBuilt();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const server = inRoot('dist', 'server', 'cli', 'main.js');
if (!existsSync(server)) {
  console.error('The build holds no server (dist/server/cli/main.js).');
  process.exit(1);
}
await runInPlace(process.execPath, ['--enable-source-maps', server, 'start', ...process.argv.slice(2)]);
