/**
 * npm test: installs what is missing, builds what changed, runs the tests, and ends with the plain line
 * `N passed, N failed, N skipped`. Further arguments go to vitest; `--slow` runs the slow suites alone.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode, inRoot, ROOT, toolEnvironment } from './lib/project.mjs';
import { runAttached } from './lib/run.mjs';

/** Reasons that tests gave while they were collected: `skipped: Redis is not reachable (…)`. */
const reasons = new Set();

async function runVitest(args, countsFile, slow) {
  let rest = '';
  return runAttached(
    process.execPath,
    [
      inRoot('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      `--reporter=${inRoot('scripts', 'lib', 'count-reporter.mjs')}`,
      ...args,
    ],
    {
      cwd: ROOT,
      env: toolEnvironment({ RAMPART_TEST_COUNTS: countsFile, ...(slow ? { RAMPART_SLOW: '1' } : {}) }),
      onStderr(chunk) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('skipped: ')) reasons.add(line);
      },
    },
  );
}

/** The counts that the reporter left, or one failure when vitest did not get that far. */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { counts: { passed: 0, failed: 1, skipped: 0 }, skipped: [] };
  }
}

function printSkipped(skipped) {
  const groups = new Map();
  for (const { file, note } of skipped) {
    const key = note ? `${file} (${note})` : file;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  for (const [key, number] of groups) console.log(`skipped ${number} in ${key}`);
  for (const reason of reasons) console.log(reason);
}

await ensureInstalled();
await inRecentNode();

const given = process.argv.slice(2);
const slow = given.includes('--slow');
const args = given.filter((arg) => arg !== '--slow');
const everything = args.length === 0;
let buildFailed = false;
if (everything) {
  try {
    await ensureBuilt();
  } catch (error) {
    console.error(error.message);
    buildFailed = true;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rampart-test-'));
const countsFile = join(folder, 'counts.json');
const vitestArgs = slow ? ['.slow.test.', '--passWithNoTests', ...args] : args;
const code = await runVitest(vitestArgs, countsFile, slow);
const { counts, skipped } = readCounts(countsFile);
rmSync(folder, { recursive: true, force: true });
if (buildFailed) counts.failed += 1;
// Vitest also fails for reasons that belong to no test: they must not end in a green line.
if (code !== 0 && counts.failed === 0) counts.failed = 1;
printSkipped(skipped);
process.exitCode = counts.failed === 0 ? 0 : 1;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
