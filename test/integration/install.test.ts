/** `scripts/install.mjs`, with an npm that only waits, and `bin/ailab`, before the dependencies are installed. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-install-'))
  await mkdir(join(folder, 'scripts'))
  await copyFile('scripts/install.mjs', join(folder, 'scripts/install.mjs'))
})
afterEach(() => rm(folder, { recursive: true }))

// Trouble (first-hour): Ctrl-C gives the prompt back, npm goes on in the background, and the next start collides with it
test.each(['SIGINT', 'SIGTERM'] as const)('after %s the installation waits for npm, then ends', async (signal) => {
  const npm = join(folder, 'npm.cjs')
  await writeFile(
    npm,
    `const { writeFileSync } = require('node:fs')
    process.on('${signal}', () => setTimeout(() => { writeFileSync('taken-back', ''); process.exit(1) }, 300))
    setInterval(() => {}, 1000)
    console.log('npm waits')`,
  )
  const script = spawn(process.execPath, ['scripts/install.mjs'], {
    cwd: folder,
    detached: true, // a process group of its own, as a terminal makes one
    env: { ...process.env, npm_execpath: npm },
  })
  const { pid = 0 } = script
  script.stdout.on('data', (text: Buffer) => {
    if (text.includes('npm waits')) process.kill(signal === 'SIGINT' ? -pid : pid, signal)
  })
  let said = ''
  script.stderr.on('data', (text: Buffer) => {
    said += text
  })
  expect(await once(script, 'exit')).toEqual([130, null])
  expect(await readFile(join(folder, 'taken-back'), 'utf8')).toBe('')
  expect(said).toContain('npm takes back what it has begun')
})

// Trouble (doctor): on a host with the backend in Compose, the doctor prints a stack trace: "Unknown file extension .ts"
test('bin/ailab in a clone without dependencies says how to install them', async () => {
  await mkdir(join(folder, 'bin'))
  await copyFile('bin/ailab', join(folder, 'bin/ailab'))
  const { status, stderr } = spawnSync(join(folder, 'bin/ailab'), ['doctor'], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toContain(`cd '${folder}' && npm ci`)
  expect(stderr).toContain('docker exec ai-lab-backend ailab doctor')
})
