import { nameFault, workFolder } from '../../../src/domain/files/file-path.ts'

export type NameProblem = 'empty' | 'slash' | 'dots' | 'nul' | 'long' | 'reserved' | 'malformed'

/** What the service would refuse about the name of a new entry, by its own rule; null if nothing. Pure. */
export function nameProblem(name: string, folder: string): NameProblem | null {
  if (name === '') return 'empty'
  if (name.includes('/')) return 'slash'
  if (!name.isWellFormed()) return 'malformed'
  if (folder === '' && name === workFolder) return 'reserved'
  return nameFault(name)
}

/** The same of the path of a new entry, relative to its tree. Pure. */
export function pathProblem(path: string): NameProblem | null {
  const names = path.split('/').filter(Boolean)
  if (names.length === 0) return 'empty'
  for (const [at, name] of names.entries()) {
    const problem = nameProblem(name, at === 0 ? '' : 'below')
    if (problem) return problem
  }
  return null
}

/** A name beside one that is taken: `a (2).csv` for `a.csv`. `.tar.gz` stays whole. Pure. */
export function nameBeside(name: string, count: number): string {
  const [, stem = name, end = ''] = /^(.+?)((?:\.tar)?\.[^./ ]{1,12})$/.exec(name) ?? []
  return `${stem} (${count})${end}`
}
