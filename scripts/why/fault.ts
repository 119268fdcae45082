import type { Scene } from './scene.ts'

/** The two ways in which plain Docker binds a folder. */
export const binds = ['-v', '--mount'] as const
export type Bind = (typeof binds)[number]

/** What came of a fault, in a few words. `isGood`: on the right files, or refused, or somebody is told. */
export type Verdict = { words: string; isGood: boolean }

/** One fault, provoked three times. Each verdict comes from what was seen, never from what was expected. */
export type Fault = {
  title: string
  /** What is done, the same each time. */
  deed: string
  /** With `docker run`, and the container left to itself. */
  bare(scene: Scene, bind: Bind): Promise<Verdict>
  /** With this service, a process of its own on a data root of its own. */
  ours(scene: Scene): Promise<Verdict>
}

/** What came of it, and what was done and seen on the way. */
export type Told = { verdict: Verdict; transcript: string }
export type FaultReport = Pick<Fault, 'title' | 'deed'> & { told: Record<Bind | 'ours', Told> }
