import '@mantine/charts/styles.css'
import { AreaChart, LineChart } from '@mantine/charts'
import { SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment, Stats } from '../api/bodies.ts'
import { call, part, Refusal } from '../api/call.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { type Sample, type Shown, sampleOf, withSample } from './samples.ts'

const everyMs = 2_000

/** Memory, processor and network while one looks, with their limits. */
export function UsePanel({ environment: { id, status, resources } }: { environment: Environment }) {
  const { t } = useTranslation()
  const isRunning = status === 'running'
  const [samples, setSamples] = useState<readonly Sample[]>([])
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ['stats', id],
    queryFn: ({ signal }) => call<Stats>('GET', `environments/${part(id)}/stats`, { signal }),
    refetchInterval: everyMs,
    enabled: isRunning,
    staleTime: 0,
    gcTime: 0,
  })
  useEffect(() => {
    if (data) setSamples((before) => withSample(before, sampleOf(data, dataUpdatedAt)))
  }, [data, dataUpdatedAt])

  if (!isRunning) return <Text>{t('environments.noUse')}</Text>
  if (error && samples.length === 0) return <Problem error={error} />
  const last = samples.at(-1)
  if (!last || !data) return <Loading />
  const points = samples.map(({ shown }) => shown)
  const limit = data.memory_limit_bytes || resources.memory_bytes
  const fullPercent = resources.cpu_cores * 100
  return (
    <Stack>
      {error instanceof Refusal && <Problem error={error} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Plot title={t('environments.memory')} now={`${writeBytes(last.shown.memory)} / ${writeBytes(limit)}`}>
          <AreaChart
            {...common}
            data={points as Shown[]}
            series={[{ name: 'memory', label: t('environments.memory'), color: 'blue.6' }]}
            referenceLines={[{ y: limit, label: t('environments.limit'), color: 'red.7' }]}
            yAxisProps={{ domain: [0, limit * 1.05], width: 76 }}
            valueFormatter={writeBytes}
          />
        </Plot>
        <Plot title={t('environments.cpu')} now={`${writeNumber(last.shown.cpu, 0)} % / ${writeNumber(fullPercent)} %`}>
          <AreaChart
            {...common}
            data={points as Shown[]}
            series={[{ name: 'cpu', label: t('environments.cpu'), color: 'teal.6' }]}
            referenceLines={[{ y: fullPercent, label: t('environments.limit'), color: 'red.7' }]}
            yAxisProps={{ domain: [0, fullPercent * 1.05], width: 76 }}
            valueFormatter={(value) => `${writeNumber(value, 0)} %`}
          />
        </Plot>
        <Plot
          title={t('environments.network')}
          now={`↓ ${writeBytes(last.shown.received)}/s · ↑ ${writeBytes(last.shown.sent)}/s`}
        >
          <LineChart
            {...common}
            data={points as Shown[]}
            series={[
              { name: 'received', label: t('environments.received'), color: 'blue.6' },
              { name: 'sent', label: t('environments.sent'), color: 'orange.6' },
            ]}
            withLegend
            yAxisProps={{ width: 76 }}
            valueFormatter={(value) => `${writeBytes(value)}/s`}
          />
        </Plot>
      </SimpleGrid>
    </Stack>
  )
}

const common = {
  h: 200,
  dataKey: 'time',
  withDots: false,
  curveType: 'monotone',
  tooltipAnimationDuration: 0,
  xAxisProps: { minTickGap: 40 },
} as const

function Plot({ title, now, children }: { title: string; now: string; children: React.ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={`${title}: ${now}`}>
      <Title order={3} size="h5">
        {title}: {now}
      </Title>
      {children}
    </Stack>
  )
}
