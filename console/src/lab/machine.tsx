import { Group, SegmentedControl, Stack, Title } from '@mantine/core'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMachine } from '../api/lab.ts'
import { lazily } from '../parts/lazily.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'

const MachinePlots = lazily(async () => (await import('./machine-plots.tsx')).MachinePlots)
const spans = [1, 6, 24] as const

export function MachineSection() {
  const { t } = useTranslation()
  const [hours, setHours] = useState<number>(6)
  const { data, error, refetch } = useMachine(hours)
  const { isData, isProblem } = shownOf({ data, error })
  return (
    <Stack component="section" aria-label={t('labPage.machine')}>
      <Group justify="space-between">
        <Title order={3}>{t('labPage.machine')}</Title>
        <SegmentedControl
          aria-label={t('labPage.span')}
          value={String(hours)}
          onChange={(value) => setHours(Number(value))}
          data={spans.map((count) => ({ value: String(count), label: t('labPage.hours', { count }) }))}
        />
      </Group>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {!isData && !isProblem && <Loading />}
      {data && isData && (
        <Suspense fallback={<Loading />}>
          <MachinePlots machine={data} hours={hours} />
        </Suspense>
      )}
    </Stack>
  )
}
