import { useSyncExternalStore } from 'react'
import { writeTime, writeWhen } from '../words/write.ts'

const everyMs = 30_000

let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

/** One clock for all cells of a table. */
function onTick(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      for (const each of listeners) each()
    }, everyMs)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

/** How long ago, for the cells of long tables: the browser's own tooltip shows the whole time. */
export function When({ iso }: { iso: string }) {
  const at = useSyncExternalStore(onTick, () => now)
  return (
    <time dateTime={iso} title={writeTime(iso)}>
      {writeWhen(iso, at)}
    </time>
  )
}
