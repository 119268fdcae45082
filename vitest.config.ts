import { defineConfig } from 'vitest/config'

// How long something may take to come true on a busy machine; what comes true sooner is not waited for.
const patient = { poll: { timeout: 15_000 } }

// Most of these tests wait more than they compute: Vitest by itself would leave one core of two unused.
const allCores = { maxWorkers: '100%' }
const oneAtATime = { fileParallelism: false }

const e2e = {
  globalSetup: ['test/e2e/support/forget-gone-roots.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: patient,
}
// These use what a machine has once: a name of Compose or of an image, the port 5555, all containers of the engine, or
// all of its cores.
const alone = [
  ...[
    'adoption',
    'asked-for-early',
    'compose',
    'compose-nginx',
    'crowded',
    'doctor',
    'healthcheck',
    'images',
    'main-job',
    'migrate',
  ],
  ...['npm-start', 'old-images', 'printed-commands', 'prometheus', 'readme', 'shutdown', 'start-up', 'two-labs'],
  ...['two-roots', 'upgrade-compose', 'without-node'],
].map((name) => `test/e2e/${name}.test.ts`)

// What each level is for stands in test/README.md.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 30_000,
          ...allCores,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          expect: patient,
          ...allCores,
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: patient,
          ...oneAtATime,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: alone,
          ...e2e,
          ...allCores,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'e2e-alone', include: alone, ...e2e, ...oneAtATime } },
    ],
  },
})
