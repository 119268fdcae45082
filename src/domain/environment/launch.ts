import { basePath } from '../names.ts'
import { Problem } from '../problem.ts'
import type { Template, Tier } from './catalog.ts'
import type { Environment, Launch, Resources } from './environment.ts'

/**
 * Fixes what an environment runs: fills in the template's placeholder `{base_path}`. `{token}` stays: each container
 * has another secret.
 */
export function launchOf(template: Template, id: string): Launch {
  const fill = (text: string) => text.replaceAll('{base_path}', basePath(id))
  return {
    type: template.type,
    image: template.image,
    command: template.command.map(fill),
    environment: Object.fromEntries(Object.entries(template.environment).map(([key, value]) => [key, fill(value)])),
    port: template.port,
    openPath: fill(template.open_path),
    readyPath: fill(template.ready_path),
    readyWithinMs: template.ready_within,
  }
}

/** Fills the secret into a text of the launch. */
export function withSecret(text: string, token: Environment['token']): string {
  return text.replaceAll('{token}', () => token)
}

/**
 * The resources of a new environment: those asked for, else the template's, and never more than the tier allows.
 * @throws Problem resources-over-tier when more was asked for
 */
export function resourcesOf(template: Template, tier: Tier, asked: Partial<Resources>): Resources {
  const { pids } = template
  const wanted = {
    memoryBytes: asked.memoryBytes ?? Math.min(template.memory, tier.memory),
    cpuCores: asked.cpuCores ?? Math.min(template.cpu_cores, tier.cpu_cores),
    gpus: asked.gpus ?? template.gpus,
  }
  const limits = { memoryBytes: tier.memory, cpuCores: tier.cpu_cores, gpus: tier.gpus }
  for (const key of ['memoryBytes', 'cpuCores', 'gpus'] as const) {
    if (wanted[key] <= limits[key]) continue
    throw new Problem(
      'resources-over-tier',
      `${words[key]}: ${wanted[key]} asked for, your tier allows ${limits[key]}.`,
    )
  }
  return { ...wanted, pids }
}

const words = { memoryBytes: 'Memory in bytes', cpuCores: 'CPU cores', gpus: 'GPUs' } as const
