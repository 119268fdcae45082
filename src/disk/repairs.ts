import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { octal, ownerText } from '../domain/doctor/fix.ts'
import type { Repairs } from '../ports/site.ts'
import { changeSettings, makeSettings } from './edit-settings.ts'

/** Repairs of one file or folder each. If somebody has put something else there meanwhile, a link above all, it stays. */
export function createRepairs(parse: (bytes: Buffer) => Record<string, string>): Repairs {
  return {
    setMode: (path, from, to) =>
      withHandle(path, async (handle) => {
        const { mode } = await handle.stat()
        expectSame(path, octal(mode & 0o7777), octal(from))
        await handle.chmod(to)
      }),

    setOwner: (path, from, to) =>
      withHandle(path, async (handle) => {
        const found = await handle.stat()
        expectSame(path, ownerText(found), ownerText(from))
        await handle.chown(to.uid, to.gid)
      }),

    changeSettings: (file, values) => changeSettings(file, values, parse),
    makeSettings: (file, example, values) => makeSettings(file, example, values, parse),
  }
}

async function withHandle(path: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  await work(handle)
}

function expectSame(path: string, found: string, expected: string): void {
  if (found === expected) return
  throw new Error(`${path} changed meanwhile: it was ${expected} and is ${found}. Nothing was changed.`)
}
