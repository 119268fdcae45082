import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const module = new URL('../../../src/assembly/run-process.ts', import.meta.url)
const script = `
  import { readFileSync } from 'node:fs'
  import { runProcess } from '${module}'
  const untilAborted = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve))
  const running = runProcess(console, untilAborted)
  console.log('runs')
  await running
  console.log('has ended')
  readFileSync(0) // stands still until the test lets it exit`

// Trouble (first-hour): npm passes a Ctrl-C on when the service has just ended, and reports that a signal killed it
test('the second signal of one Ctrl-C does not kill a process that has ended its work', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  for (const words of ['runs', 'has ended']) {
    await expect.poll(() => output, { timeout: 10_000 }).toContain(words)
    child.kill('SIGINT')
  }
  child.stdin.end()
  expect(await ended).toEqual([0, null])
})
