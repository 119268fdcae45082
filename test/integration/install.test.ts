/** `scripts/install.mjs`, which installs the dependencies before `npm start`, with an npm that only waits. */
import { spawn } from 'node:child_process'
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
test.each(['SIGINT', 'SIGTERM'] as const)('after %s the installation ends once npm has', async (signal) => {
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
    detached: true, // a group of its own, as a terminal gives it
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
