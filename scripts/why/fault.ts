import type { Scene } from './scene.ts'

/** The two ways in which plain Docker binds a folder. */
export const binds = ['-v', '--mount'] as const
export type Bind = (typeof binds)[number]

/** The outcome of a fault, in a few words. `isGood`: on the right files, or refused, or somebody is told. */
export type Verdict = { words: string; isGood: boolean }

/** One fault, provoked three times. Each verdict comes from what the script saw, never from what we expected. */
export type Fault = {
  title: string
  /** The deed, the same each time. */
  deed: string
  /** With `docker run`; the container is then left to itself. */
  bare(scene: Scene, bind: Bind): Promise<Verdict>
  /** With this service, as a separate process on a separate data root. */
  ours(scene: Scene): Promise<Verdict>
}

/** The outcome, and all that was done and seen on the way. */
export type Told = { verdict: Verdict; transcript: string }
export type FaultReport = Pick<Fault, 'title' | 'deed'> & { told: Record<Bind | 'ours', Told> }
