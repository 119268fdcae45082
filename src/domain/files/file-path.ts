/** Paths of files as callers write them, relative to the folder of a person or to `shared/`. Pure. */
import { Problem } from '../problem.ts'

/** The names of the folders down to a file, and its own; empty for the folder of the person, or `shared/`, itself. */
export type FilePath = readonly string[]

/** The folder for unfinished uploads and for what is on its way to the trash. Callers neither see nor use it. */
export const workFolder = '.ai-lab-work'

const longestNameBytes = 255
const longestPathBytes = 4_000
const encoder = new TextEncoder()

/** Reads a path such as `notebooks/a.ipynb`. @throws Problem invalid-request */
export function filePath(text: string): FilePath {
  if (encoder.encode(text).length > longestPathBytes) throw wrong(`longer than ${longestPathBytes} bytes`)
  const names = text.split('/').filter((name) => name !== '')
  for (const name of names) requireName(name)
  return names
}

const wordsOfFaults = {
  dots: 'has a part "." or ".."; write the path without it',
  nul: 'has a NUL character',
  long: `has a name longer than ${longestNameBytes} bytes`,
} as const

/** Why no file can have that name, which has no slash; null if one can. */
export function nameFault(name: string): keyof typeof wordsOfFaults | null {
  if (name === '.' || name === '..') return 'dots'
  if (name.includes('\0')) return 'nul'
  return encoder.encode(name).length > longestNameBytes ? 'long' : null
}

/** @throws Problem invalid-request if no file can have that name */
function requireName(name: string): void {
  const fault = nameFault(name)
  if (fault) throw wrong(wordsOfFaults[fault])
}

function wrong(what: string): Problem {
  return new Problem('invalid-request', `The path ${what}.`, { errors: [{ pointer: '/path', detail: what }] })
}

export function pathText(path: FilePath): string {
  return path.join('/')
}

/** Whether a path is that folder, or lies below it. */
export function isWithin(path: FilePath, folder: FilePath): boolean {
  return folder.every((name, at) => path[at] === name)
}
