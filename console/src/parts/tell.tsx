import type { ReactNode } from 'react'
import { loadInsistently } from './lazily.ts'
import { titleOf } from './problem.tsx'
import { WordsOf } from './words-of.tsx'

const shownForMs = 12_000

let areWanted = false
const listeners = new Set<() => void>()

export const areNoticesWanted = () => areWanted

export function onNoticesWanted(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Gives the corner of the page for notices. The first call loads it. */
export async function noticesCorner() {
  areWanted = true
  for (const listener of listeners) listener()
  return (await loadInsistently(() => import('./notices-corner.tsx'))).notices
}

type Notice = { color: 'red' | 'green'; title?: string; message: ReactNode; autoClose?: number }

async function show(notice: Notice): Promise<void> {
  const notices = await noticesCorner()
  notices.show(notice)
}

/** Says in a corner of the page that something did not work. */
export function tellOfProblem(error: unknown): void {
  show({
    color: 'red',
    title: titleOf(error),
    message: <WordsOf error={error} />,
    autoClose: shownForMs,
  })
}

export function tell(message: string): void {
  show({ color: 'green', message })
}
