import { Card, CloseButton, Group, Stack, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PlaceUsage } from '../api/bodies.ts'
import { useHistory } from '../api/usage.ts'
import { useAddressQuery } from '../parts/address-query.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { Folders } from './folders.tsx'
import { History } from './history.tsx'
import { LimitWords } from './limit-bar.tsx'

/** One folder of the lab, in detail. */
export function PlacePanel({ place }: { place: PlaceUsage }) {
  const { t } = useTranslation()
  const [, setSearch] = useAddressQuery()
  const { data, error, refetch } = useHistory(place.path)
  return (
    <Card withBorder padding="lg" component="section" aria-label={place.path} data-place={place.path}>
      <Stack>
        <Group justify="space-between" wrap="nowrap">
          <Title order={3} className="foreign" lineClamp={2}>
            {place.path}
          </Title>
          <CloseButton aria-label={t('close')} onClick={() => setSearch({})} />
        </Group>
        <LimitWords usage={place} />
        <Folders place={place} order={4} />
        {data ? (
          <History history={data} limit={place.limit_bytes} order={4} />
        ) : error ? (
          <Problem error={error} onRetry={refetch} />
        ) : (
          <Loading />
        )}
      </Stack>
    </Card>
  )
}
