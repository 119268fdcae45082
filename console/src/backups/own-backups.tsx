import { Button, Card, Group, Stack, Text } from '@mantine/core'
import { IconFolderOpen, IconHistory } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useOwnBackups } from '../api/backups.ts'
import { part } from '../api/call.ts'
import { useJobs } from '../api/jobs.ts'
import { useMe } from '../api/me.ts'
import { JobNews } from '../jobs/job-news.tsx'
import { Empty } from '../parts/empty.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { writeTime } from '../words/write.ts'
import { Restores } from './restores.tsx'

/** The backups that have one's own folder. */
export function OwnBackups() {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const { data, error, isPending, refetch } = useOwnBackups(user_id)
  const { isData, isProblem } = shownOf({ data, error })
  const { jobs, data: known } = useJobs('mine')
  return (
    <Stack>
      <Text maw={720}>{t('backups.ownLead')}</Text>
      {isPending && <Loading />}
      {isProblem && <Problem error={error} onRetry={refetch} />}
      <JobNews jobs={known && jobs} />
      <Restores jobs={jobs} />
      {isData && data?.items.length === 0 && <None />}
      {isData && data && data.items.length > 0 && (
        <Card withBorder p={0}>
          {data.items.map(({ id, made }) => (
            <Group key={id} justify="space-between" px="md" py="sm" className="row" data-backup={id}>
              <div>
                <Text fw={500}>
                  <Moment iso={made} />
                </Text>
                <Text size="sm" c="dimmed">
                  {writeTime(made)}
                </Text>
              </div>
              <Button
                component={Link}
                href={`/console/backups/${part(id)}`}
                variant="default"
                leftSection={<IconFolderOpen size={16} />}
                aria-label={`${t('backups.look')}: ${writeTime(made)}`}
              >
                {t('backups.look')}
              </Button>
            </Group>
          ))}
        </Card>
      )}
    </Stack>
  )
}

function None() {
  const { t } = useTranslation()
  return <Empty icon={IconHistory} title={t('backups.ownEmptyTitle')} words={t('backups.ownEmpty')} />
}
