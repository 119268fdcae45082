import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { docker } from './docker.ts'
import { project } from './service.ts'

export const backendImage = 'ai-lab/backend:latest'

/**
 * Builds the backend's image from this folder: seconds, unless its dependencies have changed. Of several files at once one
 * builds, and the others then find its layers.
 */
export async function buildBackendImage(): Promise<void> {
  const build = ['docker', 'build', '--network', 'host', '--tag', backendImage, project]
  await promisify(execFile)('flock', [join(tmpdir(), 'ai-lab-backend-image.lock'), ...build], { maxBuffer: 2 ** 26 })
}

/** A lab in Compose whose containers and image have a name that no other lab of this engine has. */
export type OwnName = AsyncDisposable & {
  backend: string
  gateway: string
  image: string
  /** What production.env says of the name. */
  settings: Record<string, string>
}

/** Builds the image too, unless it is there. */
export async function takeName(kind: string): Promise<OwnName> {
  await buildBackendImage()
  const name = `ai-lab-${kind}-${process.pid}`
  const image = `${name}/backend:latest`
  await docker('tag', backendImage, image)
  return {
    backend: `${name}-backend`,
    gateway: `${name}-gateway`,
    image,
    settings: { LAB_NAME: name, COMPOSE_PROJECT_NAME: name },
    [Symbol.asyncDispose]: async () => void (await docker('image', 'rm', image)),
  }
}
