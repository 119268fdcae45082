/** A new image is built under the name of an old one: the doctor names what still has the old one, and what nobody needs. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { docker } from './support/docker.ts'
import { startLab } from './support/doctor.ts'
import { type Json, project } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

const name = `ai-lab-old-images-${process.pid}:latest`

/** Builds images with the platform's label, under the same name each time. They go after the lab, whose containers hold them. */
function imagesOfThisTest(): AsyncDisposable & { build(version: number): Promise<string> } {
  const ids: string[] = []
  return {
    async build(version) {
      const dockerfile = `FROM debian:trixie-slim\nLABEL ai-lab.source=${name} version=${version}\n`
      const building = promisify(execFile)('docker', ['build', '--quiet', '--tag', name, '-'])
      building.child.stdin?.end(dockerfile)
      const id = (await building).stdout.trim()
      ids.push(id)
      return id
    },
    async [Symbol.asyncDispose]() {
      for (const id of ids) await docker('image', 'rm', '--force', id).catch(() => {})
    },
  }
}

const shortOf = (id: string) => id.replace('sha256:', '').slice(0, 12)

// Trouble (known): after an upgrade nobody knows which environments still have the older image
// Trouble (known): each build leaves an image without a name behind, until the disk is full
test('the doctor names the environments with an older image and the images that nothing needs, until the commands have run', async () => {
  await using tiny = await createTinyFolder('old-images', name)
  await using images = imagesOfThisTest()
  const first = await images.build(1)
  await using lab = await startLab(tiny.catalog)
  await lab.settings({ HOST_DATA_PATH: lab.service.dataDir })
  const ids = [await createTiny(lab.service), await createTiny(lab.service)].map(({ id }) => id)
  expect((await lab.examine()).of('images')).not.toContainEqual(
    expect.objectContaining({ command: expect.stringContaining('recreate') }),
  )

  const second = await images.build(2)
  const outdated = await lab.examine()
  expect(outdated).toMatchObject({ code: 0, status: 'ok' })
  const [check] = outdated.of('images')
  expect(check).toMatchObject({ status: 'note', summary: '2 environments have an older image.' })
  for (const id of ids) expect(check.detail).toContain(id)
  expect(namedIn(outdated.of('images'))).not.toContain(shortOf(first))

  // The container is gone, and the record still names the image.
  const [kept = '', other = ''] = ids
  await lab.service.call('POST', `/api/environments/${other}/recreate`, {
    body: { image: 'latest' },
    headers: { prefer: 'wait=30' },
  })
  await lab.service.end()
  await docker('rm', '--force', kept)
  expect(namedIn((await lab.examine()).of('images'))).not.toContain(shortOf(first))
  await lab.service.startAgain()
  await expect.poll(async () => (await environmentOf(lab.service, kept)).status, { timeout: 20_000 }).toBe('running')

  const again = (await lab.examine()).of('images')[0]
  expect(again).toMatchObject({ summary: '1 environment has an older image.', detail: expect.stringContaining(kept) })
  const env = { ...process.env, TOKEN: lab.service.adminToken }
  await promisify(execFile)('sh', ['-c', again.command], { cwd: project, env })
  await expect.poll(async () => (await environmentOf(lab.service, kept)).image_id, { timeout: 20_000 }).toBe(second)
  await expect.poll(async () => (await environmentOf(lab.service, kept)).status, { timeout: 20_000 }).toBe('running')

  const unneeded = (await lab.examine()).of('images')
  expect(unneeded).toMatchObject([{ status: 'note', command: expect.stringMatching(/^docker image rm /) }])
  expect(namedIn(unneeded)).toContain(shortOf(first))
  await docker('image', 'rm', shortOf(first)) // the command names those of other labs of this engine too
  expect(namedIn((await lab.examine()).of('images'))).not.toContain(shortOf(first))
})

function namedIn(checks: Json[]): string {
  return checks.map(({ command }) => command).join('\n')
}
