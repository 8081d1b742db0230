import type { Reporter } from 'vitest/node';

/** Counts tests into the file that RAMPART_TEST_COUNTS names. */
declare class CountReporter implements Reporter {
  onTestRunEnd: NonNullable<Reporter['onTestRunEnd']>;
}
export default CountReporter;
