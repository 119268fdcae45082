import type { Scene } from './scene.ts'

/** What stands in a folder, and which folder it is: device and inode. Null where there is none. */
export type Sight = { id: string; files: string[] } | null

export const target = '/home/jovyan/shared'

/** What the host finds, and with it the backend. */
export function lookHere(scene: Scene, path: string): Promise<Sight> {
  return look(scene, [], path)
}

/** What a process in the container finds. */
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

/** Owner and mode of a folder that nobody made; null where it is not there. */
export async function ownerOf(scene: Scene, path: string): Promise<string | null> {
  const { ok, output } = await scene.show('stat', '--format', '%U:%G %a', path)
  return ok ? output.trim() : null
}

/** What a folder that should be empty holds; null where it is empty. */
export async function filesIn(scene: Scene, path: string): Promise<string | null> {
  const { output } = await scene.show('ls', '-A', path)
  return output.trim().replaceAll('\n', ', ') || null
}
