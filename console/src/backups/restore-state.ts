import type { Job } from '../api/bodies.ts'
import { isUnderWay } from '../jobs/job-words.ts'

const restoreKinds = ['restore', 'restore-zip']
const shownForMs = 10 * 60_000
const endedAtMost = 1

/** The restores to be shown: those under way, and the last one for some minutes after its end. `jobs`: the newest first. Pure. */
export function shownRestores(jobs: readonly Job[], now: number): Job[] {
  const restores = jobs.filter(({ kind }) => restoreKinds.includes(kind))
  const ended = restores.filter(({ ended: at }) => at !== null && now - Date.parse(at) < shownForMs)
  return [...restores.filter(isUnderWay), ...ended.slice(0, endedAtMost)]
}
