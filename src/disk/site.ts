import { opendir, readFile, stat } from 'node:fs/promises'
import type { Site, Space } from '../ports/site.ts'
import { isCode } from './files.ts'
import { roomAt } from './room.ts'
import { peopleOf, surveyRoot } from './survey-root.ts'

const largestBytes = 2 ** 20

/** The machine around the service, as its file systems show it. */
export const site: Site = {
  surveyRoot,
  people: peopleOf,

  async identity(path) {
    const found = await stat(path, { bigint: true }).catch(nullWhenMissing)
    return found?.isDirectory() ? `${found.dev}:${found.ino}` : null
  },

  async space(paths) {
    const found = await Promise.all(paths.map(spaceOf))
    const byDisk = Map.groupBy(found.flat(), ({ disk }) => disk)
    return Array.from(byDisk.values(), (parts) => merged(parts.map(({ space }) => space)))
  },

  async entries(path, limit) {
    const folder = await opendir(path).catch(nullWhenMissing)
    if (folder === null) return null
    let count = 0
    for await (const _ of folder) {
      count += 1
      if (count >= limit) break
    }
    return count
  },

  groupOf: async (path) => (await stat(path).catch(nullWhenMissing))?.gid ?? null,

  async text(path) {
    const found = await stat(path).catch(nullWhenMissing)
    if (found === null) return null
    if (!found.isFile() || found.size > largestBytes) throw new Error(`${path} is not a file of a sensible size`)
    return readFile(path, 'utf8')
  },
}

async function spaceOf(path: string): Promise<{ disk: string; space: Space }[]> {
  const found = await stat(path).catch(nullWhenMissing)
  if (found === null) return []
  return [{ disk: String(found.dev), space: { paths: [path], ...(await roomAt(path)) } }]
}

function merged(spaces: readonly Space[]): Space {
  const [first] = spaces
  if (!first) throw new Error('a disk with no path')
  return { ...first, paths: spaces.flatMap(({ paths }) => paths) }
}

function nullWhenMissing(error: unknown): null {
  if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
  throw error
}
