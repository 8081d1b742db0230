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
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
