import { cp } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { project } from './service.ts'

const notInClone = ['.git', 'node_modules', 'ai-lab-data', 'production.env', '.env', 'test']

/** Copies the project as a fresh clone has it, without dependencies, data and settings; also without its tests. */
export async function cloneInto(folder: string): Promise<void> {
  const filter = (path: string) => !notInClone.includes(relative(project, path).split(sep)[0] ?? '')
  await cp(project, folder, { recursive: true, filter })
}
