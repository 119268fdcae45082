import { docker } from './docker.ts'
import { project } from './service.ts'

export const backendImage = 'ai-lab/backend:latest'

/** Builds the backend's image from this folder: seconds, unless its dependencies have changed. */
export async function buildBackendImage(): Promise<void> {
  await docker('build', '--network', 'host', '--tag', backendImage, project)
}
