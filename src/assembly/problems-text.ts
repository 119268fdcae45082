import { readFile } from 'node:fs/promises'

/** The text of docs/problems.md, read anew each time: hardly anybody asks for it. */
export async function problemsText(): Promise<string> {
  return readFile(new URL('../../docs/problems.md', import.meta.url), 'utf8')
}
