import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildBackendImage } from './support/backend-image.ts'
import { cloneInto } from './support/clone.ts'
import { docker } from './support/docker.ts'
import { project } from './support/service.ts'

const lab = `ai-lab-images-${process.pid}`

let clone: string
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'ai-lab images-'))
  await cloneInto(clone)
  await buildBackendImage() // then the layers of the test's own image are there already
}, 600_000)
afterEach(() => docker('image', 'rm', `${lab}/backend:latest`))
afterAll(() => rm(clone, { recursive: true }))

// Trouble (first-hour): the base image of the backend is missing, and only `npm test` made it
test.each([
  ['without dependencies', () => clone],
  ['with dependencies', () => project],
])(
  'bin/ailab images, in a clone %s, builds the missing image, and says at the next call that it is there',
  async (_, folder) => {
    const images = async () => {
      const env = { ...process.env, LAB_NAME: lab, NODE_OPTIONS: '' }
      return (await promisify(execFile)(join(folder(), 'bin/ailab'), ['images'], { env, maxBuffer: 2 ** 24 })).stdout
    }
    const first = await images()
    expect(first).toContain('ai-lab/jupyterlab:latest is here.')
    expect(first).toMatch(new RegExp(`^${lab}/backend:latest (was built|is here)\\.$`, 'm'))
    const { length } = await docker('image', 'inspect', '--format', '{{.Id}}', `${lab}/backend:latest`)
    expect(length).toBeGreaterThan(0)
    expect(await images()).toContain(`${lab}/backend:latest is here.`)
  },
)
