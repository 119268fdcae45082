import './strip.css'
import { Box, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useNow } from '../parts/now.ts'
import { writeAge, writeTime } from '../words/write.ts'
import { type EntryState, stripOf, type TimelineEntry } from './timeline.ts'

const colours: Record<EntryState, string> = {
  good: 'light-dark(var(--mantine-color-green-7), var(--mantine-color-green-5))',
  'no-figures': 'light-dark(var(--mantine-color-gray-6), var(--mantine-color-dark-2))',
  incomplete: 'light-dark(var(--mantine-color-orange-7), var(--mantine-color-orange-5))',
  'in-parts': 'light-dark(var(--mantine-color-gray-5), var(--mantine-color-dark-3))',
  running: 'light-dark(var(--mantine-color-blue-6), var(--mantine-color-blue-5))',
  failed: 'light-dark(var(--mantine-color-red-7), var(--mantine-color-red-5))',
  cancelled: 'light-dark(var(--mantine-color-gray-5), var(--mantine-color-dark-3))',
}

const barsPx = 84

/** The words of a tick stay within the strip at both ends. */
const tickAt = (x: number) => ({ left: `${x * 100}%`, transform: `translateX(${-x * 100}%)` })

/** The backups along time, as a picture of the list below it. */
export function Strip({ entries, next }: { entries: readonly TimelineEntry[]; next: string | null }) {
  const { t } = useTranslation()
  const now = useNow(60_000)
  const { marks, nextX, ticks, nowX } = stripOf(entries, next, now)
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  return (
    <Box role="img" aria-label={t('backups.picture')} className="strip">
      <div aria-hidden>
        <Box pos="relative" h={barsPx} className="strip-bars">
          {marks.map(({ id, x, height, kind, state }) => (
            <Box
              key={id}
              className={`strip-mark${state === 'running' ? ' moving' : ''}`}
              data-kind={kind}
              title={`${t(`backups.kind.${kind}`)}, ${t(`backups.state.${state}`)}: ${writeTime(byId.get(id)?.at ?? '')}`}
              style={{
                left: `${x * 100}%`,
                height: kind === 'backup' ? height * (barsPx - 10) : 10,
                background: kind === 'backup' ? colours[state] : undefined,
                borderColor: colours[state],
              }}
            />
          ))}
          {nextX !== null && next !== null && (
            <Box
              className="strip-next"
              title={`${t('backups.next')}: ${writeTime(next)}`}
              style={{ left: `${nextX * 100}%` }}
            />
          )}
        </Box>
        <Box pos="relative" h={20}>
          {ticks.map(({ x, ageMs }) => (
            <Text key={ageMs} size="xs" c="dimmed" className="strip-tick" style={tickAt(x)}>
              {writeAge(ageMs)}
            </Text>
          ))}
          <Text size="xs" c="dimmed" className="strip-tick" style={tickAt(nowX)}>
            {t('backups.today')}
          </Text>
        </Box>
      </div>
    </Box>
  )
}
