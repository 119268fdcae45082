import { readFile } from 'node:fs/promises'

/** The text of docs/problems.md. It is read anew each time, because hardly anybody asks for it. */
export async function problemsText(): Promise<string> {
  return readFile(new URL('../../docs/problems.md', import.meta.url), 'utf8')
}
