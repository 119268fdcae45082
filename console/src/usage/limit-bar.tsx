import { Progress, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PlaceUsage } from '../api/bodies.ts'
import { writeBytes, writeNumber } from '../words/write.ts'
import { colourOf, useAgainst } from './limit.ts'

type Against = Pick<PlaceUsage, 'bytes' | 'trash_bytes' | 'limit_bytes' | 'standing'>

/** A person's use against their limit: the files, and what is in the trash. */
export function LimitBar({ usage, size = 'lg' }: { usage: Against; size?: 'sm' | 'lg' }) {
  const { t } = useTranslation()
  const { filesPercent, trashPercent, percent } = useAgainst(usage)
  if (percent === null) return null
  const words = t('usage.percent', { percent: writeNumber(percent) })
  return (
    <Progress.Root size={size}>
      <Progress.Section value={filesPercent} color={colourOf(usage.standing)} aria-label={words} />
      {trashPercent > 0 && (
        <Progress.Section value={trashPercent} color="gray.6" aria-label={t('usage.trash')} striped />
      )}
    </Progress.Root>
  )
}

/** The figure, the bar and the words of a limit that is near or reached. */
export function LimitWords({ usage }: { usage: Against }) {
  const { t } = useTranslation()
  const { used, percent } = useAgainst(usage)
  const { limit_bytes: limit, trash_bytes: trash, standing } = usage
  return (
    <Stack gap="xs">
      <Text size="xl" fw={600}>
        {limit === null ? writeBytes(used) : t('usage.ofLimit', { used: writeBytes(used), limit: writeBytes(limit) })}
        {percent !== null && (
          <Text span c="dimmed" fw={400} size="lg">
            {' '}
            {t('usage.percent', { percent: writeNumber(percent) })}
          </Text>
        )}
      </Text>
      <LimitBar usage={usage} />
      <Text size="sm" c="dimmed">
        {limit === null ? t('usage.unlimited') : t('usage.left', { bytes: writeBytes(Math.max(0, limit - used)) })}
        {trash > 0 && ` ${t('usage.inTrash', { bytes: writeBytes(trash) })}`}
      </Text>
      {(standing === 'near' || standing === 'over') && (
        <Text role="status" fw={500}>
          {t(`usage.${standing}`)}
        </Text>
      )}
    </Stack>
  )
}
