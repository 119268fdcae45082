import '@mantine/charts/styles.css'
import { AreaChart } from '@mantine/charts'
import { useTranslation } from 'react-i18next'
import { writeBytes, writeDay, writeHour } from '../words/write.ts'
import { byteTicks } from './byte-ticks.ts'
import type { Point, Span } from './history-points.ts'

/** What a folder held over time, with the limit drawn in once it is near. */
export function HistoryPlot({ points, span, limit }: { points: readonly Point[]; span: Span; limit: number | null }) {
  const { t } = useTranslation()
  const most = Math.max(...points.map(({ bytes }) => bytes))
  const isNear = limit !== null && most >= limit * 0.5
  const top = isNear ? Math.max(limit, most) : most
  const ticks = byteTicks(Math.max(1, top * 1.05))
  const write = span === 'hours' ? writeHour : writeDay
  return (
    <AreaChart
      h={220}
      data={points.map((point) => ({ ...point, time: write(point.at) }))}
      dataKey="time"
      series={[{ name: 'bytes', label: t('usage.onDisk'), color: 'blue.6' }]}
      referenceLines={isNear ? [{ y: limit, label: t('usage.limit'), color: 'red.7' }] : []}
      withDots={points.length < 12}
      curveType="linear"
      tooltipAnimationDuration={0}
      xAxisProps={{ minTickGap: 40 }}
      yAxisProps={{ domain: [0, ticks.at(-1) ?? 1], ticks, width: 76 }}
      valueFormatter={writeBytes}
    />
  )
}
