import { Problem, type ProblemCode } from '../domain/problem.ts'
import { NoRoomToRecord } from './no-room-to-record.ts'

// Nobody has to ask again once these are cured: the next sweep tries.
const waitsFor = new Set<ProblemCode>(['data-root-not-proven', 'user-folder-unusable', 'not-answering'])

/** Why a pass is tried again by itself; null where it is not. */
export function waitedFor(error: unknown): Problem | null {
  if (error instanceof NoRoomToRecord) return error.reason
  return error instanceof Problem && waitsFor.has(error.code) ? error : null
}
