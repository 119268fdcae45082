import { Progress as Bar, Box, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { writeBytes } from '../words/write.ts'
import type { Pull, Told } from './told.ts'
import { useTold } from './use-told.ts'

const widthOf = (done: number, total: number | null) => (total ? Math.min(100, (100 * done) / total) : 0)

/** The progress of one environment, by a stream of its own. */
export function FollowedProgress({ id }: { id: string }) {
  return <Progress told={useTold(id)} />
}

/** The place in the queue and the pull of the image. */
export function Progress({
  told: { place, pull },
  withLayers = false,
}: {
  told: Pick<Told, 'place' | 'pull'>
  withLayers?: boolean
}) {
  const { t } = useTranslation()
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
