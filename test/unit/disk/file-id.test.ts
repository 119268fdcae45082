import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { lookThroughProcess } from '../../../src/disk/file-id.ts'

// Trouble (cost): a container ends while it is looked into, and the whole examination fails
test('through a process that has just ended nothing is seen, and that is no error', async () => {
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'])
  onTestFinished(() => void parent.kill())
  const [output] = await once(parent.stdout, 'data')
  const pid = Number(output)
  // Its parent, `sleep` by then, never takes note of its end.
  await expect.poll(() => readFile(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\s+Z/m)
  await expect(readFile(`/proc/${pid}/mountinfo`)).rejects.toMatchObject({ code: 'EINVAL' })
  expect(await lookThroughProcess({ pid, containerId: 'a'.repeat(64) })).toBeNull()
})
