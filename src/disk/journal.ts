import { statfs } from 'node:fs/promises'
import { type Journal, journalOn } from '../domain/file-system.ts'

/** How the database of that file, which is there, is written on its file system. */
export async function journalFor(file: string): Promise<Journal> {
  return journalOn((await statfs(file)).type)
}
