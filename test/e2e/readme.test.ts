/** The commands of README.md, pasted whole into a shell. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { takeName } from './support/backend-image.ts'
import { cloneInto } from './support/clone.ts'
import { composeCommand, composeIn } from './support/compose.ts'
import { docker, removeAllOf } from './support/docker.ts'
import { runPrinted } from './support/printed-session.ts'
import { project } from './support/service.ts'

async function rootIn(data: string): Promise<string> {
  return (await readFile(join(data, '.ai-lab-root'), 'utf8').catch(() => 'none')).trim()
}

// Trouble (first-hour): somebody pastes the commands of the README before the service is up
test('the commands with which the README begins work when they are pasted while npm start is still starting', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab readme-'))
  const data = join(folder, 'ai-lab-data')
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const words = { 'localhost:5555': `localhost:${port}`, 'localhost:5556': `localhost:${gatewayPort}` }
  const pasted = runPrinted('README.md', { cwd: folder, variables: {}, words }, ['npm start'])
  const npm = spawn('npm', ['start'], {
    cwd: project,
    detached: true,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DATA_DIR: data,
      PORT: String(port),
      GATEWAY_PORT: String(gatewayPort),
    },
    stdio: 'ignore',
  })
  const ended = once(npm, 'exit')
  try {
    const stdout = (await pasted).map(({ printed }) => printed).join('')
    expect(stdout).toContain('"status":"running"')
    expect(stdout).toMatch(/1000 +100 +6 .* hello\.txt/)
    expect(stdout).toContain('Backup on Friday')
    expect(stdout).toMatch(/hello\n$/)
  } finally {
    process.kill(-(npm.pid ?? 0), 'SIGINT')
    await ended
    await removeAllOf(await rootIn(data), data)
    await rm(folder, { recursive: true })
  }
})

// Trouble (first-hour): somebody pastes the commands for Compose, and asks for the token before the backend has made it
test('the commands for Compose, pasted whole into a fresh clone, end with the token', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab readme-'))
  const port = await freePort()
  await using own = await takeName('readme')
  await cloneInto(folder)
  const data = join(folder, 'lab', 'data')
  // Of the settings, only those that keep this lab apart from others on this machine.
  const ports = { PORT: String(port), GATEWAY_PORT: String(await freePort()) }
  const settings = { ...own.settings, HOST: '127.0.0.1', ...ports }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  await appendFile(join(folder, 'production.env.example'), lines.join(''))
  const words = {
    '/srv/lab/ai-lab-data': data,
    'ai-lab-backend': own.backend,
    'docker-compose ': `${(await composeCommand()).join(' ')} `,
    'localhost:5555': `localhost:${port}`,
  }
  try {
    const [production] = await runPrinted('README.md', { cwd: folder, variables: {}, words }, ['fresh clone'])
    expect(production?.printed).toContain('"status":"healthy"')
    expect(production?.printed).toMatch(/\nailab_[\w-]{43}\n$/)
    const backup = await docker('exec', own.backend, 'ailab', 'backup', 'now')
    expect(backup).toMatch(/^The backup \S+ has [^\n]+ The repository grew by [^\n]+\.$/) // it lacks nothing
  } finally {
    await composeIn(folder, ['--env-file', 'production.env', 'down'])
    await removeAllOf(await rootIn(data), data)
    await rm(folder, { recursive: true })
  }
}, 600_000)
