import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['test/support/judged-github.ts'],
    // Emulated switches, real git processes and child reconcilers share two cores in CI.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of what takes time here waits: for another process, for a second to pass. Twice the cores of a small machine are
    // then used about fully.
    maxWorkers: 4,
  },
});
