import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
const parent = mkdtempSync(join(tmpdir(), 'ai-lab-folder-'))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

/** Copies the project into a folder of that name. */
function cloneInto(name: string): string {
  const folder = join(parent, name)
  for (const part of ['scripts', 'src', 'bin', 'package.json', 'test/bench'])
    cpSync(join(project, part), join(folder, part), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

// Trouble (first-hour): the clone lies in a folder with a space or a non-ASCII letter
test.each(['start', 'test', 'bench', 'why'])("npm run %s runs in a folder named “Müller's lab”", (script) => {
  const folder = cloneInto(`Müller's lab, ${script}`)
  const { output } = spawnSync('npm', ['run', '--silent', '--ignore-scripts', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  })
  const words = output.join('')
  expect(words).not.toMatch(/\n\s+at \S/) // no stack trace
  // The scripts got as far as looking for an engine.
  expect(words).toMatch(/No Docker engine answers at unix:\/\/\/nowhere|run it as root/)
})

// Trouble (first-hour): somebody calls bin/ailab through a link in a folder with a space or a non-ASCII letter
test("bin/ailab runs through a link in a folder named “Müller's lab”", () => {
  const folder = cloneInto("Müller's lab, ailab")
  const link = join(parent, 'ailab link')
  symlinkSync(join(folder, 'bin/ailab'), link)
  const { status, stdout } = spawnSync(link, ['--version'], { cwd: parent, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
})
