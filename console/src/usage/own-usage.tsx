import { Card, Stack, Text } from '@mantine/core'
import { IconChartTreemap } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { PersonUsage } from '../api/bodies.ts'
import { useMe } from '../api/me.ts'
import { useOwnUsage } from '../api/usage.ts'
import { Empty } from '../parts/empty.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { writeNumber } from '../words/write.ts'
import { Folders } from './folders.tsx'
import { History } from './history.tsx'
import { LimitWords } from './limit-bar.tsx'

/** What one's own folder holds. */
export function OwnUsage() {
  const { user_id } = useMe()
  const { data, error, isPending, refetch } = useOwnUsage(user_id)
  if (isPending) return <Loading />
  const { isData, isProblem } = shownOf({ data, error })
  return (
    <Stack>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {isData && data ? <Counted usage={data} /> : !isProblem && <NotCounted />}
    </Stack>
  )
}

function Counted({ usage }: { usage: PersonUsage }) {
  const { t } = useTranslation()
  const { files, counted, not_counted_folders: missed, history, limit_bytes } = usage
  return (
    <Stack gap="lg">
      <Card withBorder padding="lg" component="section" aria-label={t('usage.own')}>
        <LimitWords usage={usage} />
        <Text size="sm" c="dimmed" mt="xs">
          {t('usage.countedFiles', { count: files, shown: writeNumber(files) })} <Moment iso={counted} />
        </Text>
        {missed > 0 && <Text size="sm">{t('usage.missed', { count: missed })}</Text>}
      </Card>
      <Folders place={usage} />
      <History history={history} limit={limit_bytes} />
    </Stack>
  )
}

function NotCounted() {
  const { t } = useTranslation()
  return <Empty icon={IconChartTreemap} title={t('usage.emptyTitle')} words={t('usage.empty')} />
}
