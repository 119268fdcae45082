import { writeTime, writeWhen } from '../words/write.ts'
import { useNow } from './now.ts'

const everyMs = 30_000

/** How long ago, for the cells of long tables: the browser's own tooltip shows the whole time. */
export function When({ iso }: { iso: string }) {
  const now = useNow(everyMs)
  return (
    <time dateTime={iso} title={writeTime(iso)}>
      {writeWhen(iso, now)}
    </time>
  )
}
