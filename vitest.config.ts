import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'console/src/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'dist/**',
      ...(process.env['RAMPART_SLOW'] === '1' ? [] : ['**/*.slow.test.ts']),
    ],
    pool: 'forks',
    // Slow suites measure: one at a time. The others mostly wait for servers and browsers.
    maxWorkers: process.env['RAMPART_SLOW'] === '1' ? 1 : Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // One second, as it is by default, is soon over on a machine that does much else.
    expect: { poll: { timeout: 15_000, interval: 25 } },
    restoreMocks: true,
  },
});
