/** A vitest reporter that counts tests and remembers why some were skipped, for the last line of `npm test`. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

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
        const { state, note } = test.result();
        // A test that never ran because the run was cut short is not a pass.
        counts[state === 'pending' ? 'failed' : state] += 1;
        if (state === 'skipped') skipped.push({ file, name: test.fullName, note });
      }
    }
    const file = process.env.RAMPART_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify({ counts, skipped }));
  }
}
