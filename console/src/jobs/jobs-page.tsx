import { Anchor, Button, Card, Center, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { IconProgress } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Job } from '../api/bodies.ts'
import { useJobs, type WhoseJobs } from '../api/jobs.ts'
import { useMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { trashAddressOf } from '../files/place.ts'
import { Empty } from '../parts/empty.tsx'
import { browserOf } from '../parts/file-links.ts'
import { Folded } from '../parts/folded.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { writeDuration } from '../words/write.ts'
import { JobNews } from './job-news.tsx'
import { JobProgress } from './job-progress.tsx'
import { JobSign } from './job-sign.tsx'
import { isUnderWay, leftAt, placeMade, trashedOf } from './job-words.ts'
import { useAbout, useResults } from './use-words.ts'

/** All long work of the last 30 days. */
export function JobsPage() {
  const { t } = useTranslation()
  const { isAdmin } = useMe()
  const [whose, setWhose] = useState<WhoseJobs>('mine')
  const { jobs, data, error, isPending, refetch, ...more } = useJobs(whose)
  const { hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } = more
  const { isData, isProblem } = shownOf({ data, error })
  const shown = isData ? jobs : []
  const underWay = shown.filter(isUnderWay)
  const ended = shown.filter((job) => !isUnderWay(job))
  return (
    <Stack maw={980}>
      <Group justify="space-between">
        <Title order={2}>{t('pages.jobs')}</Title>
        {isAdmin && (
          <SegmentedControl
            aria-label={t('jobs.whose')}
            value={whose}
            onChange={(value) => setWhose(value as WhoseJobs)}
            data={[
              { value: 'mine', label: t('jobs.mine') },
              { value: 'everybody', label: t('jobs.everybody') },
            ]}
          />
        )}
      </Group>
      <Text>{t('jobs.lead')}</Text>
      <JobNews key={whose} jobs={data && jobs} />
      {isPending && <Loading />}
      {isProblem && <Problem error={error} onRetry={isFetchNextPageError ? () => fetchNextPage() : refetch} />}
      {isData && jobs.length === 0 && <None />}
      {underWay.length > 0 && (
        <Stack component="section" gap="sm">
          <Title order={3}>{t('jobs.underWay')}</Title>
          {underWay.map((job) => (
            <Card withBorder key={job.id}>
              <JobProgress job={job} />
              <Byline job={job} withOwner={whose === 'everybody'} />
            </Card>
          ))}
        </Stack>
      )}
      {ended.length > 0 && (
        <Stack component="section" gap="sm">
          <Title order={3}>{t('jobs.ended')}</Title>
          <Card withBorder p={0}>
            {ended.map((job) => (
              <Ended key={job.id} job={job} withOwner={whose === 'everybody'} />
            ))}
          </Card>
        </Stack>
      )}
      {hasNextPage && (
        <Center>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('jobs.older')}
          </Button>
        </Center>
      )}
    </Stack>
  )
}

function Ended({ job, withOwner }: { job: Job; withOwner: boolean }) {
  const { t } = useTranslation()
  const about = useAbout()(job)
  const results = useResults()(job)
  const { user_id } = useMe()
  const place = placeMade(job)
  const href = place && browserOf(place, user_id)
  const trashed = trashedOf(job)
  const left = leftAt(job)
  return (
    <Stack gap={4} px="md" py="sm" className="row" component="article" aria-label={about} data-job={job.id}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text fw={500} className="foreign" lineClamp={3}>
          {about}
        </Text>
        <JobSign job={job} />
      </Group>
      {results.length > 0 && (
        <Text size="sm" className="foreign">
          {results.join(' ')}{' '}
          {href && (
            <Anchor component={Link} inherit underline="always" href={href}>
              {t('backups.openRestored')}
            </Anchor>
          )}
          {trashed !== null && (
            <Anchor component={Link} inherit underline="always" href={trashAddressOf({ kind: 'of', userId: trashed })}>
              {t('jobs.lookInTrash')}
            </Anchor>
          )}
        </Text>
      )}
      {left !== null && (
        <Text size="sm" className="foreign">
          <ServiceWords>{left}</ServiceWords>
        </Text>
      )}
      {job.failure && (
        <Folded height={66}>
          <Text size="sm" c="error" className="foreign">
            <ServiceWords>{job.failure.detail}</ServiceWords>{' '}
            <Anchor inherit underline="always" href={at(`problems/${job.failure.code}`)} target="_blank">
              {job.failure.code}
            </Anchor>
          </Text>
        </Folded>
      )}
      <Byline job={job} withOwner={withOwner} />
    </Stack>
  )
}

function Byline({ job, withOwner }: { job: Job; withOwner: boolean }) {
  const { t } = useTranslation()
  const { user_id, created, started, ended } = job
  return (
    <Text size="sm" c="dimmed" className="foreign" component="div">
      {withOwner && `${user_id} · `}
      {t(ended ? 'jobs.endedWhen' : 'jobs.askedWhen')} <Moment iso={ended ?? created} />
      {ended && started && ` · ${t('jobs.took', { time: writeDuration(Date.parse(ended) - Date.parse(started)) })}`}
    </Text>
  )
}

function None() {
  const { t } = useTranslation()
  return <Empty icon={IconProgress} title={t('jobs.emptyTitle')} words={t('jobs.empty')} />
}
