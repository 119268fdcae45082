/** Plain Docker, as a lab would use it by hand. */
import { Failure } from '../lib/failure.ts'
import type { Bind } from './fault.ts'
import { type Scene, undo } from './scene.ts'
import { lookInside, target } from './sight.ts'
import type { Start } from './words.ts'

// The base of the environments' image: the program in a container makes no difference to its mounts.
export const bareImage = 'debian:trixie-slim'
const label = 'ai-lab-why'

/** Lays out the lab's data with one file; returns the folder to bind. */
export async function layData(scene: Scene): Promise<string> {
  const shared = `${scene.folder}/ai-lab-data/shared`
  await scene.must('mkdir', '--parents', shared)
  await scene.must('touch', `${shared}/churn.csv`)
  return shared
}

/** `docker run`: returns its exit code, and what the process inside sees. */
export async function runBare(
  scene: Scene,
  bind: Bind,
  source: string,
  { name = scene.containerName, options = [] }: { name?: string; options?: string[] } = {},
): Promise<Start> {
  const mount = { '-v': `${source}:${target}`, '--mount': `type=bind,source=${source},target=${target}` }[bind]
  const args = ['--detach', '--name', name, ...options, '--label', label, bind, mount, bareImage, 'sleep', 'infinity']
  scene.defer(() => undo('docker', 'rm', '--force', '--volumes', name))
  return sightOf(scene, name, await scene.show('docker', 'run', ...args))
}

/** The same before the fault, while all is well. @throws Failure when Docker refuses it */
export async function runBefore(scene: Scene, bind: Bind, source: string, options: string[] = []): Promise<void> {
  const { exitCode } = await runBare(scene, bind, source, { options })
  if (exitCode !== 0) throw new Failure(`Docker does not even run what is right:\n${scene.transcript()}`)
}

/** `docker start` of a stopped container, or `docker restart` of a running one. */
export async function runAgain(scene: Scene, how: 'start' | 'restart'): Promise<Start> {
  const atOnce = how === 'restart' ? ['-t', '0'] : []
  return sightOf(scene, scene.containerName, await scene.show('docker', how, ...atOnce, scene.containerName))
}

export async function stopBare(scene: Scene): Promise<void> {
  await scene.act('docker', 'stop', '-t', '0', scene.containerName)
}

async function sightOf(scene: Scene, name: string, outcome: { ok: boolean; code: number | null }): Promise<Start> {
  return { exitCode: outcome.code, inside: outcome.ok ? await lookInside(scene, name) : null }
}

/** The words of `docker ps` about the container. */
export async function psOf(scene: Scene): Promise<string> {
  const filter = `name=^${scene.containerName}$`
  const { output } = await scene.show('docker', 'ps', '--all', '--filter', filter, '--format', '{{.Status}}')
  return output.trim()
}
