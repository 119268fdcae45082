import { statfs } from 'node:fs/promises'
import { type Journal, journalOn } from '../domain/file-system.ts'

/** Whether an existing database has a write-ahead log or a journal on its file system. */
export async function journalFor(file: string): Promise<Journal> {
  return journalOn((await statfs(file)).type)
}
