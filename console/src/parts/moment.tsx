import { Text, Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { writeTime, writeWhen } from '../words/write.ts'

const everyMs = 10_000

/** The time now, which moves on by itself. */
export function useNow(intervalMs = everyMs): number {
  const [, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalMs)
    return () => clearInterval(timer)
  }, [intervalMs])
  return Date.now() // not that of the last move: something newer would be in the future
}

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
