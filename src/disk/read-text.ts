import { readFile } from 'node:fs/promises'

/** The text of a file; null if it cannot be read. */
export async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
