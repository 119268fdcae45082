import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { processOf, stopEngine } from '../../scripts/lib/stop-engine.ts'

const project = join(import.meta.dirname, '../..')

/** A program in place of the service: it ends with 7 on SIGTERM, and with 3 by itself after the given milliseconds. */
const service = `
  process.on('SIGTERM', () => process.exit(7))
  console.log('up')
  setTimeout(() => process.exit(3), Number(process.argv[1]))`

/** The shell that `npm start` becomes after it has started an engine; here the engine is a process that sleeps. */
async function supervised(
  endsAfterMs: number,
): Promise<{ shell: ChildProcess; engine: ChildProcess; ends: Promise<unknown[]> }> {
  const engine = spawn('sleep', ['600'], { stdio: 'ignore' })
  const args = [
    'scripts/lib/supervise.sh',
    processOf(engine.pid ?? 0),
    process.execPath,
    '-e',
    service,
    String(endsAfterMs),
  ]
  const shell = spawn('/bin/sh', args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
  const ends = Promise.all([once(shell, 'exit'), once(engine, 'exit')]).then(([[code], [, signal]]) => [code, signal])
  await once(shell.stdout ?? shell, 'data')
  return { shell, engine, ends }
}

// Trouble (first-hour): npm start keeps 90 MiB beside the service only to stop an engine at the end
test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'a shell passes %s on to the service, stops the engine after it, and ends with its exit code',
  async (signal) => {
    const { shell, ends } = await supervised(60_000)
    shell.kill(signal)
    expect(await ends).toEqual([7, 'SIGTERM'])
  },
)

// Trouble (first-hour): the engine ended long ago, and another process has its pid
test('a process that got the pid of the ended engine is left alone', async () => {
  const stranger = spawn('sleep', ['600'], { stdio: 'ignore' })
  await stopEngine(`${stranger.pid ?? 0}:1`)
  expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
  stranger.kill()
})

test('the shell stops the engine when the service ends by itself', async () => {
  expect(await (await supervised(100)).ends).toEqual([3, 'SIGTERM'])
})
