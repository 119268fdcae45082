import { Text, Tooltip } from '@mantine/core'
import { writeTime, writeWhen } from '../words/write.ts'
import { useNow } from './now.ts'

/** How long ago, or how soon; the whole time at hand. */
export function Moment({ iso, intervalMs }: { iso: string; intervalMs?: number }) {
  const now = useNow(intervalMs)
  return (
    <Tooltip label={writeTime(iso)} events={{ hover: true, focus: true, touch: true }}>
      <Text component="time" inherit span dateTime={iso} tabIndex={0} style={{ whiteSpace: 'nowrap' }}>
        {writeWhen(iso, now)}
      </Text>
    </Tooltip>
  )
}
