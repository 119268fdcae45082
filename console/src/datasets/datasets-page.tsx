import { Anchor, Center, List, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconDatabase } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useDatasets } from '../api/datasets.ts'
import { useJobs } from '../api/jobs.ts'
import { JobNews } from '../jobs/job-news.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { Snippet } from '../parts/snippet.tsx'
import { DatasetCard } from './dataset-card.tsx'
import { stateOf } from './dataset-state.ts'

/** What the lab has for everybody, to be copied to one's own data. */
export function DatasetsPage() {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = useDatasets()
  const { isData, isProblem } = shownOf({ data, error })
  const { jobs, data: known } = useJobs('mine')
  return (
    <Stack>
      <Title order={2}>{t('pages.datasets')}</Title>
      <JobNews jobs={known && jobs} />
      {isPending && <Loading />}
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {isData && data?.length === 0 && <First />}
      {isData && data && data.length > 0 && (
        <>
          <Text maw={720}>{t('datasets.lead')}</Text>
          <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
            {data.map((dataset) => (
              <DatasetCard key={dataset.name} dataset={dataset} state={stateOf(dataset, jobs)} />
            ))}
          </SimpleGrid>
        </>
      )}
    </Stack>
  )
}

const example = `title: Rain in the north
description: Daily sums since 1990.
licence: CC-BY-4.0
source: https://example.org/rain
checksums:
  years/2025.csv: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`

/** How a dataset is made. */
function First() {
  const { t } = useTranslation()
  return (
    <Center py="md">
      <Stack maw={640}>
        <Stack align="center" ta="center">
          <ThemeIcon size={64} radius="xl" variant="light">
            <IconDatabase size={36} stroke={1.4} />
          </ThemeIcon>
          <Title order={3}>{t('datasets.emptyTitle')}</Title>
          <Text>{t('datasets.empty')}</Text>
        </Stack>
        <List type="ordered" spacing="xs">
          <List.Item>
            {t('datasets.makeFolder')}{' '}
            <Anchor component={Link} underline="always" href="/console/files/shared/datasets">
              shared/datasets
            </Anchor>
          </List.Item>
          <List.Item>{t('datasets.makeFiles')}</List.Item>
          <List.Item>{t('datasets.makeFacts')}</List.Item>
        </List>
        <Snippet label="dataset.yaml">{example}</Snippet>
        <Text size="sm" c="dimmed">
          {t('datasets.makeChecksums')}
        </Text>
      </Stack>
    </Center>
  )
}
