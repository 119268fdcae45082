import { Problem, type ProblemCode } from '../domain/problem.ts'

// After these problems the next sweep tries again: nobody has to ask once they are cured.
const waitsFor = new Set<ProblemCode>([
  'data-root-not-proven',
  'user-folder-unusable',
  'not-answering',
  'no-room',
  'database-busy',
])

/** The reason to try a pass again by itself; null if there is none. */
export function waitedFor(error: unknown): Problem | null {
  return error instanceof Problem && waitsFor.has(error.code) ? error : null
}
