import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { whyOff } from '../../../src/disk/btrfs.ts'

const failing = (...[script, options]: [string, { timeout?: number }?]): Promise<unknown> =>
  promisify(execFile)('sh', ['-c', script], options).catch((error: unknown) => error)

test('that there are no quotas is sure only if the program says so, is missing, or may not look', async () => {
  const says = (words: string) => failing(`echo "ERROR: ${words}" >&2; exit 1`)
  const missing = await promisify(execFile)('/nowhere/btrfs').catch((error: unknown) => error)
  expect(whyOff(missing)).toMatchObject({ isSure: true, reason: expect.stringContaining('missing') })
  for (const [words, reason] of [
    ["can't list qgroups: quotas not enabled", 'not switched on'],
    ["can't perform the search: Operation not permitted", 'only root'],
  ] as const) {
    expect(whyOff(await says(words))).toMatchObject({ isSure: true, reason: expect.stringContaining(reason) })
  }
  for (const error of [
    await says("can't list qgroups: Input/output error"),
    await failing('exec sleep 60', { timeout: 50 }),
  ]) {
    expect(whyOff(error)).toMatchObject({ isSure: false, reason: expect.stringContaining('btrfs failed') })
  }
})
