import '@mantine/charts/styles.css'
import { AreaChart } from '@mantine/charts'
import { SimpleGrid, Stack, Text, Title } from '@mantine/core'
import type { ComponentProps, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Machine } from '../api/bodies.ts'
import { useNow } from '../parts/now.ts'
import { writeBytes, writeMinute, writeNumber, writeTime, writeWhen } from '../words/write.ts'
import { lastSeen, pointsOf } from './machine-points.ts'

/** Plots memory, processor, disk and environments over the last hours, each with its limit. */
export function MachinePlots({ machine, hours }: { machine: Machine; hours: number }) {
  const { t } = useTranslation()
  const until = useNow(60_000)
  const last = machine.items.at(-1)
  if (!last) return <Text c="dimmed">{t('labPage.noSamples')}</Text>
  const seen = lastSeen(machine, until)
  const newest = (value: string) => (seen ? t('labPage.lastSample', { value, when: writeWhen(seen, until) }) : value)
  const common = {
    ...form,
    data: pointsOf(machine),
    xAxisProps: {
      type: 'number',
      scale: 'time',
      domain: [until - hours * 3_600_000, until],
      tickFormatter: writeMinute,
      minTickGap: 48,
      allowDataOverflow: true,
    },
    tooltipProps: {
      labelFormatter: (at: unknown) => (typeof at === 'number' ? writeTime(new Date(at).toISOString()) : ''),
    },
  } as const satisfies Partial<ComponentProps<typeof AreaChart>>
  const { memory_used_bytes: memory, memory_total_bytes: memoryTotal, disk_used_bytes, disk_total_bytes } = last
  const limit = (y: number, label: string) => [
    { y, label, color: 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))' },
  ]
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
      <Plot title={t('environments.memory')} newest={newest(`${writeBytes(memory)} / ${writeBytes(memoryTotal)}`)}>
        <AreaChart
          {...common}
          series={[{ name: 'memory', label: t('environments.memory'), color: 'blue.6' }]}
          referenceLines={limit(memoryTotal, t('labPage.all'))}
          yAxisProps={axisTo(memoryTotal)}
          valueFormatter={writeBytes}
        />
      </Plot>
      <Plot title={t('environments.cpu')} newest={newest(`${writeNumber(last.cpu_percent)} %`)}>
        <AreaChart
          {...common}
          series={[{ name: 'cpu', label: t('environments.cpu'), color: 'teal.6' }]}
          referenceLines={limit(100, t('labPage.all'))}
          yAxisProps={axisTo(100)}
          valueFormatter={(value) => `${writeNumber(value)} %`}
        />
      </Plot>
      {disk_used_bytes !== null && disk_total_bytes !== null && (
        <Plot
          title={t('labPage.disk')}
          newest={newest(`${writeBytes(disk_used_bytes)} / ${writeBytes(disk_total_bytes)}`)}
        >
          <AreaChart
            {...common}
            series={[{ name: 'disk', label: t('labPage.disk'), color: 'grape.6' }]}
            referenceLines={limit(disk_total_bytes, t('labPage.all'))}
            yAxisProps={axisTo(disk_total_bytes)}
            valueFormatter={writeBytes}
          />
        </Plot>
      )}
      <Plot
        title={t('labPage.environmentsPlot')}
        newest={newest(
          t('labPage.runningWaiting', { running: last.environments_running, waiting: last.environments_waiting }),
        )}
      >
        <AreaChart
          {...common}
          curveType="stepAfter"
          withLegend
          legendProps={{ verticalAlign: 'bottom', height: 32 }}
          series={[
            { name: 'running', label: t('labPage.running'), color: 'green.7' },
            { name: 'waiting', label: t('labPage.waiting'), color: 'orange.6' },
          ]}
          yAxisProps={{ allowDecimals: false, width: 76, domain: [0, 'auto'] }}
          valueFormatter={(value) => writeNumber(value)}
        />
      </Plot>
    </SimpleGrid>
  )
}

/** An axis to a limit, in quarters, with some room above its line. */
function axisTo(limit: number) {
  return { domain: [0, limit * 1.1], ticks: [0, 0.25, 0.5, 0.75, 1].map((part) => part * limit), width: 76 }
}

const form = {
  h: 190,
  dataKey: 'at',
  withDots: false,
  connectNulls: false,
  curveType: 'linear',
  strokeWidth: 1.6,
  tooltipAnimationDuration: 0,
  areaProps: { isAnimationActive: false },
} as const

/** `newest`: the newest value, with its age if it is old. */
function Plot({ title, newest, children }: { title: string; newest: string; children: ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={`${title}: ${newest}`}>
      <Title order={4} size="h6">
        {title}: {newest}
      </Title>
      {children}
    </Stack>
  )
}
