import './lab.css'
import { Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import {
  IconAlertTriangle,
  IconEye,
  IconHelp,
  IconPlugConnectedX,
  IconShieldCheck,
  IconShieldX,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Consistency, Machine } from '../api/bodies.ts'
import { useEnvironments } from '../api/environments.ts'
import { useConsistency, useHealth, useLookNow, useMachine } from '../api/lab.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { Breaks } from './breaks.tsx'
import { HealthSection } from './health-section.tsx'
import { MachineSection } from './machine.tsx'
import { Orphans } from './orphans.tsx'
import { Drawing } from './picture/drawing.tsx'
import { mostOf } from './picture/layout.ts'
import { PartsList } from './picture/parts-list.tsx'
import { type Picture, pictureOf, type Room } from './picture/picture.ts'

/** The lab at a glance, for administrators. */
export function LabPage() {
  const { data, error, refetch } = useConsistency()
  const { isData, isProblem } = shownOf({ data, error })
  return (
    <Stack gap="xl">
      {/* A person who is no administrator gets the service's own words. */}
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {!isData && !isProblem && <Loading />}
      {data && isData && (
        <>
          <Proof consistency={data} />
          <HealthSection />
          <MachineSection />
          <Orphans />
        </>
      )}
    </Stack>
  )
}

function Proof({ consistency }: { consistency: Consistency }) {
  const { data: environments = [] } = useEnvironments('everybody')
  const { data: health } = useHealth()
  const { data: machine } = useMachine(1)
  const { ref, width } = useElementSize()
  const engineAnswers = health ? health.checks.engine.status === 'healthy' : null
  const picture = pictureOf({ consistency, environments, engineAnswers, room: roomIn(machine) }, mostOf(width))
  return (
    <>
      <Head picture={picture} />
      <Grid gap="lg">
        <Grid.Col span={picture.breaks.length > 0 ? { base: 12, xl: 8 } : 12}>
          <Paper withBorder p={{ base: 'xs', sm: 'lg' }} radius="lg">
            <div ref={ref} style={{ minHeight: 344 }}>
              {width > leastWidth && <Drawing picture={picture} width={Math.floor(width)} />}
            </div>
          </Paper>
        </Grid.Col>
        {picture.breaks.length > 0 && (
          <Grid.Col span={{ base: 12, xl: 4 }}>
            <Breaks findings={picture.breaks} />
          </Grid.Col>
        )}
      </Grid>
      <PartsList lines={picture.lines} />
    </>
  )
}

// Before the page is laid out.
const leastWidth = 200

function roomIn(machine: Machine | undefined): Room | null {
  const { disk_used_bytes: usedBytes = null, disk_total_bytes: totalBytes = null } = machine?.items.at(-1) ?? {}
  return usedBytes === null || totalBytes === null ? null : { usedBytes, totalBytes }
}

const headSigns = {
  proven: IconShieldCheck,
  degraded: IconAlertTriangle,
  unproven: IconShieldX,
  'engine-away': IconPlugConnectedX,
  unfinished: IconHelp,
  'not-looked': IconHelp,
} as const

function Head({ picture: { headline, wrong, checkedAt } }: { picture: Picture }) {
  const { t } = useTranslation()
  const look = useLookNow()
  const Sign = headSigns[headline]
  return (
    <Group justify="space-between" align="flex-end" gap="sm">
      <div className={`headline ${headline}`}>
        <Title order={2} mb={4}>
          {t('pages.lab')}
        </Title>
        <Group gap="xs" wrap="nowrap" align="center">
          <Sign size={26} stroke={1.8} aria-hidden className="of-state" style={{ flex: 'none' }} />
          {/* Without the time of the look, which moves. */}
          <Text fw={600} size="lg" role="status">
            {t(`labPage.headline.${headline}`, { count: wrong })}
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {t(`labPage.lead.${headline}`)}{' '}
          {checkedAt && (
            <>
              {t('labPage.lookedAt')} <Moment iso={checkedAt} />.
            </>
          )}
        </Text>
      </div>
      <Button
        variant="default"
        leftSection={<IconEye size={16} />}
        loading={look.isPending}
        onClick={() => look.mutate(undefined, { onError: tellOfProblem })}
      >
        {t('labPage.lookNow')}
      </Button>
    </Group>
  )
}
