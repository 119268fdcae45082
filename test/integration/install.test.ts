/** `scripts/install.mjs`, with an npm that only waits, and `bin/ailab`, before the dependencies are installed. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ai-lab's install-"))
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

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

// Trouble (doctor): on a host with the backend in Compose, the doctor prints a stack trace: "Unknown file extension .ts"
test.each([
  ['no Docker', null, 'and neither they nor Docker are here'],
  ['no engine', 'Cannot connect to the Docker daemon', 'the engine cannot be asked for the image: Cannot connect'],
  [
    'no image',
    'Error: No such image: ai-lab/backend:latest',
    '(ai-lab/backend:latest), and neither is here; this makes the image:',
  ],
])(
  'bin/ailab, where there are no dependencies and %s, says in one sentence what it needs',
  async (_, words, reason) => {
    const programs = join(folder, 'programs')
    for (const name of ['bin', 'programs']) await mkdir(join(folder, name))
    for (const name of ['ailab', 'in-image.sh', 'settings.sh']) await copyFile(`bin/${name}`, join(folder, 'bin', name))
    for (const name of ['sh', 'dirname', 'readlink']) await symlink(`/usr/bin/${name}`, join(programs, name))
    if (words) await writeFile(join(programs, 'docker'), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 })
    const { status, stderr } = spawnSync(join(folder, 'bin/ailab'), ['doctor'], {
      encoding: 'utf8',
      env: { PATH: programs },
    })
    expect(status).toBe(1)
    expect(stderr).toContain(`cd ${quoted(folder)} && npm ci`)
    expect(stderr).toContain(reason)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  },
)

test('bin/ailab images, where no registry gives a base image and nothing can make one, says what to do', async () => {
  const programs = join(folder, 'programs')
  for (const name of ['bin', 'programs', 'images']) await mkdir(join(folder, name))
  for (const name of ['ailab', 'images.sh', 'settings.sh']) await copyFile(`bin/${name}`, join(folder, 'bin', name))
  for (const name of ['sh', 'dirname', 'readlink']) await symlink(`/usr/bin/${name}`, join(programs, name))
  await writeFile(join(programs, 'docker'), '#!/bin/sh\n[ "$1" = version ]\n', { mode: 0o755 })
  const { status, stderr } = spawnSync(join(folder, 'bin/ailab'), ['images'], {
    encoding: 'utf8',
    env: { PATH: programs },
  })
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('debian:trixie-slim is missing, and no registry gave it.'),
  ])
  expect(stderr).toContain(`cd ${quoted(folder)} && npm ci && bin/ailab images`)
})
