import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { containersWith, probesOf, removeAllOf } from './support/docker.ts'
import { project } from './support/service.ts'

// Trouble (first-hour): the banner is mixed with lines of JSON and a library's deprecation warning
// Trouble (first-hour): the start script stays in memory for as long as the service runs
test('npm start prints a working curl line that creates an environment, and Ctrl-C ends the service cleanly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-start-'))
  const port = await freePort()
  const npm = spawn('npm', ['start'], {
    cwd: project,
    detached: true, // a process group of its own, as a terminal gives, so that Ctrl-C reaches all of it
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DATA_DIR: join(folder, 'data'),
      PORT: String(port),
      GATEWAY_PORT: String(await freePort()),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let log = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (output += chunk))
  npm.stdout.on('data', (chunk) => (log += chunk))
  const ended = once(npm, 'exit')
  try {
    await expect.poll(() => output, { timeout: 60_000 }).toContain('Ctrl-C stops the service')
    expect(log).not.toContain('The AI Lab backend is up')
    expect(output).not.toMatch(/warning/i)
    expect(await programsOf(npm.pid ?? 0)).toEqual(['npm start', 'src/main.ts --welcome'])
    const [, line = ''] = /\n(\s+curl [\s\S]+?)\n\n/.exec(output) ?? []
    const curl = spawn('bash', ['-c', line], { stdio: ['ignore', 'pipe', 'ignore'] })
    const environment = JSON.parse((await curl.stdout.toArray()).join(''))
    expect(environment.status).toBe('running')
    const [link = ''] = /http:\S+\/sign-in\/link\/\S+/.exec(output) ?? []
    expect(await (await fetch(link)).text()).toContain('This link signs you in once.')

    process.kill(-(npm.pid ?? 0), 'SIGINT')
    expect(await ended).toEqual([0, null])
    const rootId = (await readFile(join(folder, 'data/.ai-lab-root'), 'utf8')).trim()
    expect(await containersWith(`ai-lab.root=${rootId}`)).toEqual([environment.id])
    expect(await probesOf(rootId)).toEqual([])
    await removeAllOf(rootId)
  } finally {
    if (npm.exitCode === null && npm.signalCode === null) process.kill(-(npm.pid ?? 0), 'SIGTERM')
    await rm(folder, { recursive: true })
  }
})

/** The command lines of the processes in a group. */
async function programsOf(group: number): Promise<string[]> {
  const ps = spawn('ps', ['-e', '-o', 'pgid=,args='], { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = (await ps.stdout.toArray()).join('').split('\n')
  const ofGroup = lines.filter((each) => Number(/^\s*(\d+)/.exec(each)?.[1]) === group)
  return ofGroup.map((each) => each.trim().replace(/^\d+ (.*\bnode )?/, ''))
}
