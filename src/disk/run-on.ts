import { spawn } from 'node:child_process'
import type { FileHandle } from 'node:fs/promises'

/**
 * Runs a program with an open file as its descriptor 3. Gives the program's output, or null if the program is missing or
 * failed. Unlike a path, a descriptor always means the same file.
 */
export function runOn(file: FileHandle, program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore', file.fd] })
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    child.once('error', () => resolve(null))
    child.once('close', (code) => resolve(code === 0 ? text : null))
  })
}
