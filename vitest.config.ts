import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// How long something may take to come true on a busy machine; what comes true sooner is not waited for.
const patient = { poll: { timeout: 15_000 } }

// Tests that wait for a third of their time, or more.
const oneMoreThanCores = { maxWorkers: availableParallelism() + 1 }
const asManyAsCores = { maxWorkers: availableParallelism() }
// Tests that mostly wait: for retries, for a late disk, for clocks.
const twiceAsManyAsCores = { maxWorkers: 2 * availableParallelism() }

const contract = { testTimeout: 60_000, hookTimeout: 60_000, expect: patient }

const e2e = {
  globalSetup: ['test/e2e/support/forget-gone-roots.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: patient,
}
const waiting = [
  'test/e2e/{browser-idleness,clock,engine-restarts,full-engine,guarded-network,pulls,reboot,uninstall}.test.ts',
]
// They measure what a container or a process does, or how long.
const contractsAlone = ['test/contract/{backup-trouble,engine,engine-docker,pull,usage-counter}.test.ts']
// They use names, ports or images of which an engine has one, or hold a limit of time or memory: nothing runs beside them.
const alone = [
  'test/e2e/{browser-day,browser-hostile}.test.ts',
  'test/e2e/{asked-for-early,backend-image,churn,compose,compose-nginx,crowded,deleted-image,doctor-in-time}.test.ts',
  'test/e2e/{healthcheck,images,kill,npm-start,offload,old-images,printed-commands,readme,start-up}.test.ts',
  'test/e2e/{two-labs,upgrade-compose,without-node}.test.ts',
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
          ...oneMoreThanCores,
        },
      },
      { test: { name: 'contract-alone', include: contractsAlone, ...contract, fileParallelism: false } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...waiting, ...alone],
          ...e2e,
          ...asManyAsCores,
          sequence: { groupOrder: 2 },
        },
      },
      { test: { name: 'e2e-alone', include: alone, ...e2e, fileParallelism: false } },
      { test: { name: 'e2e-waiting', include: waiting, ...e2e, ...twiceAsManyAsCores, sequence: { groupOrder: 1 } } },
    ],
  },
})
