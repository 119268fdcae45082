import type { Scene } from './scene.ts'

/** The files in a folder, and its identity: device and inode. Null if there is no folder. */
export type Sight = { id: string; files: string[] } | null

export const target = '/home/jovyan/shared'

/** The folder as the host, and so the backend, sees it. */
export function lookHere(scene: Scene, path: string): Promise<Sight> {
  return look(scene, [], path)
}

/** The folder as a process in the container sees it. */
export function lookInside(scene: Scene, container: string): Promise<Sight> {
  return look(scene, ['docker', 'exec', container], target)
}

async function look(scene: Scene, prefix: string[], path: string): Promise<Sight> {
  const [command = '', ...args] = [...prefix, 'ls', path]
  const listed = await scene.show(command, ...args)
  if (!listed.ok) return null
  const [first = '', ...rest] = [...prefix, 'stat', '--format', '%d:%i', path]
  return { id: await scene.must(first, ...rest), files: listed.output.split('\n').filter(Boolean) }
}

/** Owner and mode of a folder that should not exist; null if it does not. */
export async function ownerOf(scene: Scene, path: string): Promise<string | null> {
  const { ok, output } = await scene.show('stat', '--format', '%U:%G %a', path)
  return ok ? output.trim() : null
}

/** The content of a folder that should be empty; null if it is. */
export async function filesIn(scene: Scene, path: string): Promise<string | null> {
  const { output } = await scene.show('ls', '-A', path)
  return output.trim().replaceAll('\n', ', ') || null
}
