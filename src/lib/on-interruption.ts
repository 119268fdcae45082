import type { EventEmitter } from 'node:events'

/** The signals that ask a process to end: from Ctrl-C, a polite kill, and a terminal that is closed. */
export const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One Ctrl-C may arrive several times: from the terminal, and from npm or a shell that passes it on. */
const sameKeystrokeMs = 1_000

/** Calls `end` at the first signal, and `abruptly` at a signal a second later or more. Gives a function that ends this. */
export function onInterruption(
  end: () => void,
  abruptly: () => void,
  { source = process, now = () => performance.now() }: { source?: EventEmitter; now?: () => number } = {},
): () => void {
  let firstAt: number | null = null
  const hear = () => {
    if (firstAt === null) {
      firstAt = now()
      end()
    } else if (now() - firstAt >= sameKeystrokeMs) abruptly()
  }
  for (const name of interruptions) source.on(name, hear)
  return () => {
    for (const name of interruptions) source.off(name, hear)
  }
}
