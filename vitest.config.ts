import { defineConfig } from 'vitest/config'

/** Common to all projects. Workers are processes, as few as the smallest machine that runs the tests has cores. */
const shared = {
  environment: 'node',
  // Wide: what never comes fails all the same, and a busy machine is no defect.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
} as const

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['packages/server/test/support/postgres-setup.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'torture/**/*.test.ts'],
        },
      },
      { test: { ...shared, name: 'server', include: ['packages/{contract,server,cli,testing}/test/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'console',
          include: ['packages/console/test/**/*.test.ts'],
          globalSetup: ['packages/console/test/support/browser-setup.ts'],
        },
      },
      { test: { ...shared, name: 'acceptance', include: ['acceptance/**/*.test.ts'], testTimeout: 120_000 } },
    ],
  },
})
