import { Problem, type ProblemCode } from '../domain/problem.ts'
import { NoRoomToRecord } from './no-room-to-record.ts'

// After these problems the next sweep tries again: nobody has to ask once they are cured.
const waitsFor = new Set<ProblemCode>(['data-root-not-proven', 'user-folder-unusable', 'not-answering', 'no-room'])

/** The reason to try a pass again by itself; null if there is none. */
export function waitedFor(error: unknown): Problem | null {
  if (error instanceof NoRoomToRecord) return error.reason
  return error instanceof Problem && waitsFor.has(error.code) ? error : null
}
