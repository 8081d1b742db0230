/**
 * npm run docs: writes what other files already say: the table of docs/events.md from src/core/events.ts, and the
 * `exports` of package.json from the folders. `--check` changes nothing and ends with 1 where something is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { exportsOf } from './lib/exports.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode, inRoot, ROOT } from './lib/project.mjs';

await ensureInstalled();
await inRecentNode();
const { format, resolveConfig } = await import('prettier');
const { EVENTS } = await import('../src/core/events.ts');

const START = '<!-- events:start -->';
const END = '<!-- events:end -->';

function eventTable() {
  const rows = Object.entries(EVENTS).map(
    ([type, event]) => `| \`${type}\` | ${event.severity} | ${event.class} | ${event.about} |`,
  );
  return ['| event | severity | class | when |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function withEvents(text) {
  const [before, rest] = text.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/events.md lacks ${START} and ${END}`);
  return `${before}${START}\n\n${eventTable()}\n\n${END}${after}`;
}

function withExports(text) {
  return JSON.stringify({ ...JSON.parse(text), exports: exportsOf(ROOT) }, null, 2);
}

const checking = process.argv.includes('--check');
let stale = 0;

async function refresh(file, change) {
  const path = inRoot(file);
  const before = readFileSync(path, 'utf8');
  const after = await format(change(before), { ...(await resolveConfig(path)), filepath: path });
  if (after === before) return;
  stale += 1;
  console.log(`${file}: ${checking ? 'out of date' : 'written'}`);
  if (!checking) writeFileSync(path, after);
}

await refresh('docs/events.md', withEvents);
await refresh('package.json', withExports);
if (stale === 0) console.log('everything is up to date');
process.exit(checking && stale > 0 ? 1 : 0);
