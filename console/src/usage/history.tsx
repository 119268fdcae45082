import { Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { UsageHistory } from '../api/bodies.ts'
import { lazily } from '../parts/lazily.ts'
import { Loading } from '../parts/loading.tsx'
import { pointsOf, type Span, spanOf } from './history-points.ts'

const HistoryPlot = lazily(async () => (await import('./history-plot.tsx')).HistoryPlot)

export function History({ history, limit, order = 3 }: { history: UsageHistory; limit: number | null; order?: 3 | 4 }) {
  const { t } = useTranslation()
  const [span, setSpan] = useState<Span>(spanOf(history))
  const points = pointsOf(history, span)
  return (
    <Stack component="section" gap="sm" aria-label={t('usage.history')}>
      <Group justify="space-between">
        <Title order={order}>{t('usage.history')}</Title>
        <SegmentedControl
          size="xs"
          aria-label={t('usage.span')}
          value={span}
          onChange={(value) => setSpan(value as Span)}
          data={[
            { value: 'hours', label: t('usage.hours') },
            { value: 'days', label: t('usage.days') },
          ]}
        />
      </Group>
      {points.length < 2 ? (
        <Text c="dimmed">{t('usage.noHistory')}</Text>
      ) : (
        <Suspense fallback={<Loading />}>
          <HistoryPlot points={points} span={span} limit={limit} />
        </Suspense>
      )}
    </Stack>
  )
}
