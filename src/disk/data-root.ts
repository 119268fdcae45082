import { lstat } from 'node:fs/promises'
import { below, userFolder } from '../domain/names.ts'
import { Problem } from '../domain/problem.ts'
import { timeLimit } from '../lib/time-limit.ts'
import type { DataRoot } from '../ports/data-root.ts'
import { ensureFolder, isCode, type Owner } from './files.ts'
import { touchMarker } from './marker.ts'

/** The data root on disk. `owner` is whom notebooks run as, null where that is the service's own user. */
export function createDataRoot(options: {
  path: string
  rootId: string
  owner: Owner | null
  now: () => number
  limitMs?: number
}): DataRoot {
  const { path, rootId, owner, now, limitMs = 2_000 } = options
  return {
    path,
    rootId,
    touchMarker: (folder) => touchMarker(below(path, folder), new Date(now()), limitMs),
    async ensureUserFolder(id) {
      const folder = below(path, userFolder(id))
      try {
        await timeLimit(`making ${folder}`, limitMs, async () => {
          await ensureFolder(folder, { mode: 0o700, owner })
          if (!(await lstat(folder)).isDirectory()) throw new Error(`${folder} is a link, not a folder`)
        })
      } catch (error) {
        throw translate(error, folder)
      }
    },
  }
}

function translate(error: unknown, folder: string): Problem {
  if (isCode(error, 'ENOSPC', 'EDQUOT')) {
    return new Problem('no-room', 'The disk of the data root is full; nothing was changed.', { cause: error })
  }
  return new Problem('data-root-not-proven', "The person's folder cannot be used.", {
    adminDetail: `The person's folder ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    cause: error,
  })
}
