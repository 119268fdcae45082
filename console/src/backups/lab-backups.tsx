import { Alert, Anchor, Button, Card, Checkbox, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCalendarTime, IconShieldCheck } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLabBackups } from '../api/backups.ts'
import type { Backups } from '../api/bodies.ts'
import { useBegin, useJobs, useJobsOfKind } from '../api/jobs.ts'
import { at } from '../api/place.ts'
import { JobNews } from '../jobs/job-news.tsx'
import { JobProgress } from '../jobs/job-progress.tsx'
import { isUnderWay } from '../jobs/job-words.ts'
import { Ask } from '../parts/ask.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { LegacyZips } from './legacy-zips.tsx'
import { Restores } from './restores.tsx'
import { Strip } from './strip.tsx'
import { timelineOf, withOlder } from './timeline.ts'
import { TimelineList } from './timeline-list.tsx'

const repositoryKinds = ['backup', 'backup-check', 'drill']

/** The backups of the lab. */
export function LabBackups() {
  const { t } = useTranslation()
  const { data, error, refetch } = useLabBackups()
  const { isData, isProblem } = shownOf({ data, error })
  const { jobs, data: known } = useJobs('everybody')
  const underWay = jobs.filter((job) => repositoryKinds.includes(job.kind) && isUnderWay(job))
  // Copies and restores of many people may leave no backup among the recent jobs.
  const { data: ofBackups } = useJobsOfKind('backup')
  const entries = data ? timelineOf(data.items, withOlder(jobs, ofBackups?.items ?? [])) : []
  return (
    <Stack gap="lg">
      <Text maw={720}>{t('backups.lead')}</Text>
      <Acts isBusy={underWay.length > 0} hasBackup={(data?.items.length ?? 0) > 0} />
      {underWay.map((job) => (
        <Card withBorder key={job.id}>
          <JobProgress job={job} />
        </Card>
      ))}
      <JobNews jobs={known && jobs} />
      <Restores jobs={jobs} />
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {!data && !error && <Loading />}
      {isData && data && (
        <>
          <Standing backups={data} />
          <Stack component="section" gap="sm">
            <Title order={3}>{t('backups.timeline')}</Title>
            {entries.length === 0 ? (
              <Text>{t('backups.empty')}</Text>
            ) : (
              <>
                <Strip entries={entries} next={data.standing.next} />
                <Text size="xs" c="dimmed">
                  {t('backups.legend')}
                </Text>
                <TimelineList entries={entries} />
              </>
            )}
          </Stack>
        </>
      )}
      <LegacyZips />
    </Stack>
  )
}

function Acts({ isBusy, hasBackup }: { isBusy: boolean; hasBackup: boolean }) {
  const { t } = useTranslation()
  const [isAsked, setAsked] = useState(false)
  const check = useBegin()
  const drill = useBegin()
  return (
    <Group gap="xs">
      <Button disabled={isBusy} onClick={() => setAsked(true)}>
        {t('backups.now')}
      </Button>
      <Button
        variant="default"
        disabled={isBusy || !hasBackup}
        loading={check.isPending}
        onClick={() => check.mutate({ path: 'admin/backups/check' }, { onError: tellOfProblem })}
      >
        {t('backups.check')}
      </Button>
      <Button
        variant="default"
        disabled={isBusy || !hasBackup}
        loading={drill.isPending}
        onClick={() => drill.mutate({ path: 'admin/backups/drill' }, { onError: tellOfProblem })}
      >
        {t('backups.drill')}
      </Button>
      {isAsked && <AskBackUp onClose={() => setAsked(false)} />}
    </Group>
  )
}

function AskBackUp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const [pause, setPause] = useState(false)
  const backUp = useAskedCall(useBegin())
  return (
    <Ask
      onClose={onClose}
      title={t('backups.nowTitle')}
      words={t('backups.nowWords')}
      doIt={t('backups.now')}
      isBusy={backUp.isPending}
      error={backUp.error}
      onYes={() => backUp.mutate({ path: 'admin/backups', body: { pause } }, { onSuccess: onClose })}
    >
      <Checkbox
        label={t('backups.pause')}
        description={t('backups.pauseWords')}
        checked={pause}
        onChange={({ currentTarget }) => setPause(currentTarget.checked)}
      />
    </Ask>
  )
}

const good = 'light-dark(var(--mantine-color-green-8), var(--mantine-color-green-4))'
const warn = 'var(--of-warning)'
const plain = 'var(--mantine-color-dimmed)'

/** Whether the lab is backed up as it should be, when the next backup is due, and whether a restore was practised. */
function Standing({ backups: { standing, drill, items } }: { backups: Backups }) {
  const { t } = useTranslation()
  const isHealthy = standing.status === 'healthy'
  const whole = items.find(({ status }) => status === 'whole')
  const drilled = drill.practised !== null && drill.failure === null
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Fact
          title={t('backups.last')}
          icon={isHealthy && whole ? <IconShieldCheck color={good} /> : <IconAlertTriangle color={warn} />}
          value={whole ? <Moment iso={whole.made} /> : t('backups.none')}
          words={
            standing.code ? (
              <Finding code={standing.code} detail={standing.detail} />
            ) : (
              t(whole ? 'backups.healthy' : 'backups.notYet')
            )
          }
        />
        <Fact
          title={t('backups.next')}
          icon={<IconCalendarTime color={standing.next ? plain : warn} />}
          value={standing.next ? <Moment iso={standing.next} /> : t('backups.unplanned')}
          words={t(standing.next ? 'backups.nextWords' : 'backups.unplannedWords')}
        />
        <Fact
          title={t('backups.practised')}
          icon={drilled ? <IconShieldCheck color={good} /> : <IconAlertTriangle color={warn} />}
          value={drill.practised ? <Moment iso={drill.practised} /> : t('backups.neverPractised')}
          words={
            drill.failure === null ? (
              t(drill.practised ? 'backups.practisedWords' : 'backups.neverPractisedWords')
            ) : (
              <ServiceWords>{drill.failure}</ServiceWords>
            )
          }
        />
      </SimpleGrid>
      {standing.weaknesses.length > 0 && (
        <Alert
          color="orange"
          variant="outline"
          icon={<IconAlertTriangle />}
          title={t('backups.weaknesses', { count: standing.weaknesses.length })}
        >
          <List size="sm">
            {standing.weaknesses.map((each) => (
              <List.Item key={each}>
                <ServiceWords>{each}</ServiceWords>
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  )
}

function Finding({ code, detail }: { code: NonNullable<Backups['standing']['code']>; detail: string }) {
  const { t } = useTranslation()
  return (
    <>
      <strong>{t(`backups.finding.${code}`)}</strong> <ServiceWords>{detail}</ServiceWords>{' '}
      <Anchor inherit underline="always" href={at(`problems/${code}`)} target="_blank">
        {code}
      </Anchor>
    </>
  )
}

function Fact({ title, icon, value, words }: { title: string; icon: ReactNode; value: ReactNode; words: ReactNode }) {
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {title}
        </Text>
        <span aria-hidden style={{ lineHeight: 0 }}>
          {icon}
        </span>
      </Group>
      <Text size="xl" fw={600}>
        {value}
      </Text>
      <Text size="sm" component="div" className="foreign" mah={160} style={{ overflow: 'auto' }}>
        {words}
      </Text>
    </Card>
  )
}
