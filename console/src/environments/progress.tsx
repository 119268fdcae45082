import { Progress as Bar, Box, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { part } from '../api/call.ts'
import { useStream } from '../api/stream.ts'
import { writeBytes } from '../words/write.ts'

type Pull = {
  image: string
  percent: number | null
  current_bytes: number
  total_bytes: number
  bytes_per_second: number | null
  layers: { id: string; phase: LayerPhase; current_bytes: number; total_bytes: number | null }[]
}
type LayerPhase = 'waiting' | 'downloading' | 'retrying' | 'downloaded' | 'extracting' | 'done' | 'present'

const widthOf = (done: number, total: number | null) => (total ? Math.min(100, (100 * done) / total) : 0)

/** The place in the queue and the pull of the image, live. */
export function Progress({ id, withLayers = false }: { id: string; withLayers?: boolean }) {
  const { t } = useTranslation()
  const [place, setPlace] = useState<number | null>(null)
  const [pull, setPull] = useState<Pull | null>(null)
  useStream(`environments/${part(id)}/events`, {
    queued: (data) => setPlace((JSON.parse(data) as { place: number }).place),
    pulling: (data) => setPull(JSON.parse(data) as Pull),
    phase: () => {
      setPlace(null)
      setPull(null)
    },
  })
  if (!pull && place === null) return null
  return (
    <Stack gap={4}>
      {place !== null && <Text size="sm">{t('environments.queuePlace', { place })}</Text>}
      {pull && (
        <>
          <Text size="sm">
            {t('environments.pullPercent', { percent: pull.percent ?? 0 })}
            {pull.bytes_per_second !== null &&
              ` · ${t('environments.pullRate', { bytes: writeBytes(pull.bytes_per_second) })}`}
          </Text>
          <Bar value={pull.percent ?? 0} aria-label={pull.image} animated />
          {withLayers && <Layers pull={pull} />}
        </>
      )}
    </Stack>
  )
}

function Layers({ pull }: { pull: Pull }) {
  const { t } = useTranslation()
  return (
    <Stack gap={4} mt="xs" component="ul" p={0} aria-label={t('environments.layers')}>
      {pull.layers.map(({ id, phase, current_bytes, total_bytes }) => (
        <Box component="li" key={id} style={{ listStyle: 'none' }}>
          <Text size="xs" c="dimmed" ff="monospace">
            {id} · {t(`environments.layer.${phase}`)}
            {total_bytes !== null && ` · ${writeBytes(total_bytes)}`}
          </Text>
          <Bar
            size="xs"
            value={phase === 'done' || phase === 'present' ? 100 : widthOf(current_bytes, total_bytes)}
            aria-label={id}
          />
        </Box>
      ))}
    </Stack>
  )
}
