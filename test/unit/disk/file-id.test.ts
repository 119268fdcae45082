import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { lookThroughProcess } from '../../../src/disk/file-id.ts'

// Trouble (cost): a container ends during a look into it, and the whole examination fails
test('a look through a process that has just ended sees nothing, without an error', async () => {
  const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 60'])
  onTestFinished(() => void parent.kill())
  const [output] = await once(parent.stdout, 'data')
  const pid = Number(output)
  await expect.poll(() => readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n')
  parent.stdin.end() // now `cat` ends, and `sleep` never takes note of it
  await expect.poll(() => readFile(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\s+Z/m)
  await expect(readFile(`/proc/${pid}/mountinfo`)).rejects.toMatchObject({ code: 'EINVAL' })
  expect(await lookThroughProcess({ pid, containerId: 'a'.repeat(64) })).toBeNull()
})
