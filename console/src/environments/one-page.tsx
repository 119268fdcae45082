import { Alert, Anchor, Button, Group, Stack, Tabs, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'wouter'
import type { Environment } from '../api/bodies.ts'
import { Refusal } from '../api/call.ts'
import { useAct, useEnvironment } from '../api/environments.ts'
import { useStream } from '../api/stream.ts'
import { Loading } from '../parts/loading.tsx'
import { LongWords } from '../parts/long-words.tsx'
import { Moment } from '../parts/moment.tsx'
import { useNow } from '../parts/now.ts'
import { Problem } from '../parts/problem.tsx'
import { tellOfProblem } from '../parts/tell.tsx'
import { Acts } from './acts.tsx'
import { LogPanel } from './log-panel.tsx'
import { MountsPanel } from './mounts-panel.tsx'
import { Overview } from './overview.tsx'
import { Progress } from './progress.tsx'
import { StatusSign } from './status-sign.tsx'
import { isStillComing, isUsed, waits } from './status-words.ts'
import { UsePanel } from './use-panel.tsx'

/** One environment: what it does, what it uses, its log, and the proof of its mounts. */
export function OnePage() {
  const { id = '' } = useParams()
  return <One key={id} id={id} />
}

function One({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data: environment, error, refetch } = useEnvironment(id)
  if (error instanceof Refusal && error.status === 404) return <Gone />
  if (!environment) return error ? <Problem error={error} onRetry={refetch} /> : <Loading />
  return (
    <Stack>
      <Anchor component={Link} href="/" size="sm">
        ← {t('pages.environments')}
      </Anchor>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ minWidth: 0 }}>
          <Title order={2} className="foreign" lineClamp={3}>
            {environment.name}
          </Title>
          <StatusSign environment={environment} />
        </Stack>
        <Acts environment={environment} />
      </Group>
      {environment.status_reason && (
        <Alert color={environment.status === 'failed' ? 'red' : 'blue'} variant="outline">
          <LongWords>{environment.status_reason}</LongWords>
        </Alert>
      )}
      {waits(environment) && <Progress id={id} withLayers />}
      {isUsed(environment) && <Warning environment={environment} />}
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="overview">{t('environments.overview')}</Tabs.Tab>
          <Tabs.Tab value="use">{t('environments.use')}</Tabs.Tab>
          <Tabs.Tab value="log">{t('environments.log')}</Tabs.Tab>
          <Tabs.Tab value="mounts">{t('environments.mounts')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" pt="md">
          <Overview environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="use" pt="md">
          <UsePanel environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="log" pt="md">
          <LogPanel environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="mounts" pt="md">
          <MountsPanel id={id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function Gone() {
  const { t } = useTranslation()
  return (
    <Stack align="flex-start">
      <Text>{t('environments.gone')}</Text>
      <Anchor component={Link} href="/">
        ← {t('pages.environments')}
      </Anchor>
    </Stack>
  )
}

type Coming = { action: 'pause' | 'stop'; at: string; reason: string }

/** Says before the platform pauses or stops it, with a button that begins the time anew. */
function Warning({ environment: { id, last_activity } }: { environment: Environment }) {
  const { t } = useTranslation()
  const [coming, setComing] = useState<Coming | null>(null)
  const act = useAct()
  useStream(
    `environments/${encodeURIComponent(id)}/events?follow=true`,
    {
      warning: (data) => setComing(JSON.parse(data) as Coming),
      status: () => setComing(null),
    },
    { isEndless: true },
  )
  const now = useNow(1_000)
  if (!coming || !isStillComing(coming, last_activity, now)) return null
  const keepGoing = () =>
    act.mutate({ id, act: 'start' }, { onSuccess: () => setComing(null), onError: (error) => tellOfProblem(error) })
  return (
    <Alert color="yellow" variant="outline" role="status">
      <Group justify="space-between">
        <div>
          <Text fw={600}>
            {t('environments.warning', { action: t(`environments.warned.${coming.action}`) })}{' '}
            <Moment iso={coming.at} intervalMs={1_000} />
          </Text>
          <Text size="sm">{coming.reason}</Text>
        </div>
        <Button size="xs" variant="default" loading={act.isPending} onClick={keepGoing}>
          {t('act.keepGoing')}
        </Button>
      </Group>
    </Alert>
  )
}
