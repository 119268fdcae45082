import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Opening } from '../api/bodies.ts'
import { call, type Page, part } from '../api/call.ts'
import { Moment } from '../parts/moment.tsx'

const staleMs = 60_000

/** The administrators who opened an environment though it is not theirs, the newest first. */
export function OpenedBy({ id, atMost }: { id: string; atMost: number }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: ['openings', id],
    queryFn: ({ signal }) => call<Page<Opening>>('GET', `environments/${part(id)}/openings`, { signal }),
    staleTime: staleMs,
  })
  return data?.items.slice(0, atMost).map(({ user_id, at }) => (
    <Text key={at} size="sm" className="foreign">
      {t('environments.openedBy', { who: user_id })} <Moment iso={at} />
    </Text>
  ))
}
