import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconNotebook, IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useEnvironments } from '../api/environments.ts'
import { useMe } from '../api/me.ts'
import { Empty } from '../parts/empty.tsx'
import { Loading } from '../parts/loading.tsx'
import { ShowMore, usePortions } from '../parts/portions.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { EnvironmentCard } from './card.tsx'
import { waits } from './status-words.ts'

// A card costs the browser some milliseconds, and the service a question.
const portion = 30

/** One's own environments. */
export function ListPage() {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const { data, error, isPending, refetch } = useEnvironments({ userId: user_id })
  const { isProblem } = shownOf({ data, error })
  const [shown, showMore] = usePortions(portion)
  // One stream beside that of the page: a browser opens six connections to a server.
  const followed = data?.find(waits)
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{t('pages.environments')}</Title>
        {data && data.length > 0 && <CreateLink />}
      </Group>
      {isPending && <Loading />}
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {data?.length === 0 && <First />}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {data?.slice(0, shown).map((environment) => (
          <EnvironmentCard
            key={environment.id}
            environment={environment}
            isFollowed={environment.id === followed?.id}
          />
        ))}
      </SimpleGrid>
      {data && data.length > shown && <ShowMore shown={shown} onMore={showMore} />}
      {data && data.length > 0 && <Where />}
    </Stack>
  )
}

function CreateLink() {
  const { t } = useTranslation()
  return (
    <Button component={Link} href="/console/create" leftSection={<IconPlus size={16} />}>
      {t('pages.create')}
    </Button>
  )
}

function First() {
  const { t } = useTranslation()
  return (
    <Empty icon={IconNotebook} title={t('environments.emptyTitle')} words={t('environments.empty')}>
      <CreateLink />
    </Empty>
  )
}

function Where() {
  const { t } = useTranslation()
  return (
    <Text size="sm" c="dimmed">
      {t('environments.data', { own: '/home/jovyan/data', shared: '/home/jovyan/shared' })}
    </Text>
  )
}
