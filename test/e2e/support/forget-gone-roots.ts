import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker, witnesses } from './docker.ts'

/**
 * At the end of a run, forgets the data roots of tests that broke off: their folders are gone, and each would add a line to
 * the service's words about a missing data root.
 */
export default function setup(): () => Promise<void> {
  const ofTests = join(tmpdir(), 'ai-lab-')
  return async () => {
    const left = (await witnesses()).filter(({ hostPath }) => hostPath.startsWith(ofTests) && !existsSync(hostPath))
    for (const { name, hostPath } of left) {
      console.error(`A test left the witness ${name} of ${hostPath}; it is removed.`)
      await docker('volume', 'rm', name)
    }
  }
}
