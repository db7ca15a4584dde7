import { defineConfig } from 'vitest/config';

const shared = {
  globalSetup: ['e2e/setup/postgres.ts'],
  hookTimeout: 180_000,
  pool: 'forks' as const,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'unit', include: ['packages/*/src/**/*.test.ts'], testTimeout: 180_000 } },
      // Whole installations run here, one after the other: two at once would measure each other.
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: ['e2e/conformance/**'],
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
      // ClearML's own clients against one installation: `npm run conformance`, which finds a Python for them.
      {
        test: {
          ...shared,
          name: 'conformance',
          globalSetup: ['e2e/setup/conformance.ts'],
          include: ['e2e/conformance/**/*.test.ts'],
          fileParallelism: false,
          maxConcurrency: 3,
        },
      },
    ],
  },
});
