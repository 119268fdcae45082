import * as apt from './apt.ts'
import { Failure } from './failure.ts'
import { run } from './run.ts'

/** Provides Docker Compose, as the plugin or as the older command. */
export async function ensureCompose(signal: AbortSignal): Promise<void> {
  if ((await run('docker', ['compose', 'version'], { signal })).ok) return
  if ((await run('docker-compose', ['version'], { signal })).ok) return
  if (!apt.canInstall())
    throw new Failure('Docker Compose is missing: on Debian or Ubuntu `sudo apt-get install docker-compose`.')
  await apt.install(['docker-compose'], signal)
}
