/** A vitest reporter that counts tests and remembers which failed or were skipped, for the last lines of `npm test`. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Whether a test lies in a group that was skipped: vitest leaves a group inside such a group as it was. */
function inSkippedGroup(test) {
  for (let group = test.parent; group?.type === 'suite'; group = group.parent) {
    if (group.options.mode === 'skip' || group.state() === 'skipped') return true;
  }
  return false;
}

/** The first line of what went wrong, without the colours of a terminal. */
function firstLine(errors) {
  return stripVTControlCharacters(String(errors?.[0]?.message ?? 'no message'))
    .split('\n')[0]
    .slice(0, 200);
}

/** What one file brought: `{file, passed, failed, skipped, failures: [{name, reason}], left: [{name, note}]}`. */
function ofModule(module) {
  const found = {
    file: relative(process.cwd(), module.moduleId),
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: [],
    left: [],
  };
  const broke = (name, errors) => {
    found.failed += errors.length;
    if (errors.length > 0) found.failures.push({ name, reason: firstLine(errors) });
  };
  broke('the file itself', module.errors());
  for (const suite of module.children.allSuites()) broke(suite.fullName, suite.errors());
  for (const test of module.children.allTests()) {
    const { state: result, note, errors } = test.result();
    // A test that never ran because the run was cut short is not a pass.
    const never = inSkippedGroup(test) ? 'skipped' : 'failed';
    const state = result === 'pending' ? never : result;
    found[state] += 1;
    if (state === 'skipped') found.left.push({ name: test.fullName, note });
    if (state === 'failed') found.failures.push({ name: test.fullName, reason: firstLine(errors) });
  }
  return found;
}

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.RAMPART_TEST_COUNTS;
    if (!file) return;
    const unhandled = unhandledErrors.map((error) => firstLine([error]));
    writeFileSync(file, JSON.stringify({ unhandled, files: modules.map(ofModule) }));
  }
}
