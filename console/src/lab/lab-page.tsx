import './lab.css'
import { Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconEye } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Consistency } from '../api/bodies.ts'
import { useEnvironments } from '../api/environments.ts'
import { useConsistency, useHealth, useLookNow } from '../api/lab.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { tellOfProblem } from '../parts/tell.tsx'
import { Breaks } from './breaks.tsx'
import { Drawing } from './picture/drawing.tsx'
import { PartsList } from './picture/parts-list.tsx'
import { type Picture, pictureOf } from './picture/picture.ts'

/** The lab at a glance, for administrators. */
export function LabPage() {
  const { data, error, refetch } = useConsistency()
  return (
    <Stack gap="lg">
      {data ? <Proof consistency={data} /> : error ? <Problem error={error} onRetry={refetch} /> : <Loading />}
    </Stack>
  )
}

function Proof({ consistency }: { consistency: Consistency }) {
  const { data: environments = [] } = useEnvironments('everybody')
  const { data: health } = useHealth()
  const { ref, width } = useElementSize()
  const picture = pictureOf({
    consistency,
    environments,
    engineAnswers: health ? health.checks.engine.status === 'healthy' : null,
    room: null,
  })
  return (
    <>
      <Head picture={picture} />
      <Grid gap="lg">
        <Grid.Col span={picture.breaks.length > 0 ? { base: 12, xl: 8 } : 12}>
          <Paper withBorder p={{ base: 'xs', sm: 'lg' }} radius="lg">
            <div ref={ref} style={{ minHeight: 344 }}>
              {width > 0 && <Drawing picture={picture} width={Math.floor(width)} />}
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

function Head({ picture: { headline, wrong, checkedAt } }: { picture: Picture }) {
  const { t } = useTranslation()
  const look = useLookNow()
  return (
    <Group justify="space-between" align="flex-end" gap="sm">
      <div role="status" className={`headline ${headline}`}>
        <Title order={2}>{t('pages.lab')}</Title>
        <Text fw={600} size="lg">
          {t(`labPage.headline.${headline}`, { count: wrong })}
        </Text>
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
