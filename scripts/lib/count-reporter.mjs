/** A vitest reporter that counts tests and remembers why some were skipped, for the last line of `npm test`. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Whether a test lies in a group that was skipped: vitest leaves a group inside such a group as it was. */
function inSkippedGroup(test) {
  for (let group = test.parent; group?.type === 'suite'; group = group.parent) {
    if (group.options.mode === 'skip' || group.state() === 'skipped') return true;
  }
  return false;
}

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped = [];
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId);
      const broken = module.errors().length;
      counts.failed += broken;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state: found, note } = test.result();
        // A test that never ran because the run was cut short is not a pass.
        const never = inSkippedGroup(test) ? 'skipped' : 'failed';
        const state = found === 'pending' ? never : found;
        counts[state] += 1;
        if (state === 'skipped') skipped.push({ file, name: test.fullName, note });
      }
    }
    const file = process.env.RAMPART_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify({ counts, skipped }));
  }
}
