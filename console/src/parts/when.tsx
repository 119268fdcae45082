import { writeTime, writeWhen } from '../words/write.ts'
import { useNow } from './moment.tsx'

const everyMs = 30_000

/** How long ago, for the cells of long tables: without a tooltip of its own, the browser's shows the whole time. */
export function When({ iso }: { iso: string }) {
  const now = useNow(everyMs)
  return (
    <time dateTime={iso} title={writeTime(iso)}>
      {writeWhen(iso, now)}
    </time>
  )
}
