import { Alert, Anchor, Group, Stack, Tabs, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'wouter'
import type { Environment } from '../api/bodies.ts'
import { Refusal } from '../api/call.ts'
import { useEnvironment } from '../api/environments.ts'
import { at } from '../api/place.ts'
import { Loading } from '../parts/loading.tsx'
import { LongWords } from '../parts/long-words.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { problemTitle } from '../words/problem-title.ts'
import { Acts } from './acts.tsx'
import { LogPanel } from './log-panel.tsx'
import { MemoryAlert, MemoryNews } from './memory-alert.tsx'
import { MountsPanel } from './mounts-panel.tsx'
import { Overview } from './overview.tsx'
import { ProgramsPanel } from './programs-panel.tsx'
import { Progress } from './progress.tsx'
import { StatusSign } from './status-sign.tsx'
import { isUp, isUsed, waits } from './status-words.ts'
import { UsePanel } from './use-panel.tsx'
import { useTold } from './use-told.ts'
import { Warning } from './warning.tsx'

/** One environment: what it does, what it uses, its log, and the proof of its mounts. */
export function OnePage() {
  const { id = '' } = useParams()
  return <One key={id} id={id} />
}

function One({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data: environment, error, refetch } = useEnvironment(id)
  if (error instanceof Refusal && error.status === 404) return <Gone />
  const { isProblem } = shownOf({ data: environment, error })
  return (
    <Stack>
      <Anchor component={Link} href="/" size="sm">
        ← {t('pages.environments')}
      </Anchor>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {environment ? <Shown environment={environment} /> : !isProblem && <Loading />}
    </Stack>
  )
}

function Shown({ environment }: { environment: Environment }) {
  const { t } = useTranslation()
  const { id, status_reason } = environment
  const [tab, setTab] = useState<string | null>('overview')
  const told = useTold(id, { while: isUp(environment), isEndless: true })
  const lastKill = told.kills.at(-1)
  const kill = status_reason && status_reason === lastKill?.reason ? lastKill : undefined
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ minWidth: 0 }}>
          <Title order={2} className="foreign" lineClamp={3}>
            {environment.name}
          </Title>
          <StatusSign environment={environment} />
        </Stack>
        <Acts environment={environment} />
      </Group>
      <MemoryNews kill={kill} />
      {kill ? (
        <MemoryAlert environment={environment} kills={told.kills} last={kill} onLook={() => setTab('use')} />
      ) : (
        status_reason && <Reason environment={environment} words={status_reason} />
      )}
      {waits(environment) && <Progress told={told} withLayers />}
      {isUsed(environment) && <Warning environment={environment} comings={told.comings} />}
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="overview">{t('environments.overview')}</Tabs.Tab>
          <Tabs.Tab value="use">{t('environments.use')}</Tabs.Tab>
          <Tabs.Tab value="log">{t('environments.log')}</Tabs.Tab>
          <Tabs.Tab value="mounts">{t('environments.mounts')}</Tabs.Tab>
          <Tabs.Tab value="programs">{t('environments.programs')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" pt="md">
          <Overview environment={environment} ready={told.ready} />
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
        <Tabs.Panel value="programs" pt="md">
          <ProgramsPanel environment={environment} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Reason({ environment: { status, failure_code }, words }: { environment: Environment; words: string }) {
  const { t } = useTranslation()
  return (
    <Alert
      color={status === 'failed' ? 'red' : 'blue'}
      variant="outline"
      title={failure_code && problemTitle(failure_code, failure_code)}
    >
      <LongWords>{words}</LongWords>
      {failure_code && (
        <Anchor size="sm" href={at(`problems/${failure_code}`)} target="_blank">
          {t('environments.whatToDo', { code: failure_code })}
        </Anchor>
      )}
    </Alert>
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
