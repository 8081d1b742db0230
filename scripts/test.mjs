/**
 * npm test: installs what is missing, builds what changed, runs the tests, and ends with the plain line
 * `N passed, N failed, N skipped`. Further arguments go to vitest; `--slow` runs the slow suites alone; `--again` gives
 * failed files a second try, alone, as a run of everything does.
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

/** What the reporter left, or one failure when vitest did not get that far. */
function readFindings(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { unhandled: ['vitest ended before its tests did'], files: [] };
  }
}

function printSkipped(files) {
  const groups = new Map();
  for (const { file, left } of files) {
    for (const { note } of left) {
      const key = note ? `${file} (${note})` : file;
      groups.set(key, (groups.get(key) ?? 0) + 1);
    }
  }
  for (const [key, number] of groups) console.log(`skipped ${number} in ${key}`);
  for (const reason of reasons) console.log(reason);
}

/**
 * Runs the few files that failed once more, alone: among hundreds of others on a busy machine a test can wait in vain for
 * what is merely late. What passes then is counted as passed and named as unsteady, so that nobody takes it for sound.
 */
async function againAlone({ files }, slow, countsFile) {
  const broken = files.filter((found) => found.failed > 0);
  if (broken.length === 0 || broken.length > MOST_FILES_AGAIN) return [];
  console.log(`\nonce more, alone: ${broken.map(({ file }) => file).join(' ')}`);
  rmSync(countsFile, { force: true });
  await runVitest(['--maxWorkers=1', ...broken.map(({ file }) => file)], countsFile, slow);
  const unsteady = [];
  for (const second of readFindings(countsFile).files) {
    const first = broken.find(({ file }) => file === second.file);
    if (first === undefined) continue;
    const still = new Set(second.failures.map(({ name }) => name));
    for (const { name, reason } of first.failures) {
      if (!still.has(name)) unsteady.push(`${first.file} > ${name}: ${reason}`);
    }
    files[files.indexOf(first)] = second;
  }
  return unsteady;
}

/** More files than these have a reason in common, and fail alone as well. */
const MOST_FILES_AGAIN = 6;

await ensureInstalled();
await inRecentNode();

const given = process.argv.slice(2);
const slow = given.includes('--slow');
const args = given.filter((arg) => arg !== '--slow' && arg !== '--again');
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
const findings = readFindings(countsFile);
const unsteady = everything || given.includes('--again') ? await againAlone(findings, slow, countsFile) : [];
rmSync(folder, { recursive: true, force: true });

const counts = { passed: 0, failed: findings.unhandled.length + (buildFailed ? 1 : 0), skipped: 0 };
for (const found of findings.files) for (const state of Object.keys(counts)) counts[state] += found[state];
// Vitest also fails for reasons that belong to no test: they must not end in a green line.
if (code !== 0 && counts.failed === 0 && unsteady.length === 0) counts.failed = 1;
printSkipped(findings.files);
for (const line of unsteady) console.log(`unsteady: ${line}`);
for (const { file, failures } of findings.files) {
  for (const { name, reason } of failures) console.log(`failed: ${file} > ${name}: ${reason}`);
}
for (const reason of findings.unhandled) console.log(`failed: outside of every test: ${reason}`);
process.exitCode = counts.failed === 0 ? 0 : 1;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
