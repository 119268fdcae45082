import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// How long something may take to come true on a busy machine; what comes true sooner is not waited for.
const patient = { poll: { timeout: 15_000 } }

// Tests that wait for a third of their time, or more.
const oneMoreThanCores = { maxWorkers: availableParallelism() + 1 }
// CI has more time: there a test should not fail because the machine is busy.
const ofEndToEnd = process.env.CI ? { maxWorkers: availableParallelism() } : oneMoreThanCores

const contract = { testTimeout: 60_000, hookTimeout: 60_000, expect: patient }

const e2e = {
  globalSetup: ['test/e2e/support/forget-gone-roots.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: patient,
}
// They measure how much of the CPU something gets, or how long it takes.
const contractsAlone = ['test/contract/{engine-cpu,usage-counter}.test.ts']
// They set a time of the kernel, or hold a limit of time or memory: nothing runs beside them.
const alone = [
  'test/e2e/{asked-for-early,churn,crowded,doctor-in-time}.test.ts',
  ...(process.env.CI ? ['test/e2e/browser-day.test.ts'] : []), // there it moves a whole gigabyte
]

// What each level is for stands in test/README.md.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 30_000,
          isolate: false,
          ...oneMoreThanCores,
        },
      },
      {
        test: {
          name: 'console',
          include: ['console/test/**/*.test.ts'],
          testTimeout: 30_000,
          ...oneMoreThanCores,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          isolate: false,
          expect: patient,
          ...oneMoreThanCores,
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          exclude: contractsAlone,
          ...contract,
          isolate: false,
          ...oneMoreThanCores,
        },
      },
      { test: { name: 'contract-alone', include: contractsAlone, ...contract, fileParallelism: false } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: alone,
          ...e2e,
          isolate: false,
          ...ofEndToEnd,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'e2e-alone', include: alone, ...e2e, fileParallelism: false } },
    ],
  },
})
