import { serviceEnv } from './service-env.ts'
import type { StartedEngine } from './stop-engine.ts'

const service = [process.execPath, 'src/main.ts', '--welcome']

/**
 * Replaces this process with the service, so that no second Node waits beside it as long as it runs. If the engine was
 * started here, a shell replaces this process, and stops the engine once the service has ended.
 */
export function handOver(engine: StartedEngine | null): never {
  const [command = '', ...args] =
    engine === null ? service : ['/bin/sh', 'scripts/lib/supervise.sh', String(engine), ...service, '--stops-engine']
  process.execve?.(command, [command, ...args], { ...process.env, ...serviceEnv })
  throw new Error('This system cannot put one program in the place of another: run `node src/main.ts` yourself.')
}
