import { Anchor, Group, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useParams } from 'wouter'
import { Sessions } from '../account/sessions.tsx'
import { TokenTable } from '../account/tokens.tsx'
import type { User } from '../api/bodies.ts'
import { Refusal } from '../api/call.ts'
import { useEnvironments } from '../api/environments.ts'
import { usePeople, usePerson, usePersonUsage } from '../api/people.ts'
import { Acts } from '../environments/acts.tsx'
import { StatusSign } from '../environments/status-sign.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { WideTable } from '../parts/wide-table.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { countAdministrators } from './offered.ts'
import { DisabledBadge } from './people-page.tsx'
import { PersonActs } from './person-acts.tsx'

/** One person: their environments, storage, sessions and tokens. */
export function PersonPage() {
  const { id = '' } = useParams()
  return <One key={id} id={decodeURIComponent(id)} />
}

function One({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data: user, error, refetch } = usePerson(id)
  const { isData, isProblem } = shownOf({ data: user, error })
  const isGone = error instanceof Refusal && error.status === 404
  return (
    <Stack maw={1100}>
      <Anchor component={Link} href="/console/people" size="sm">
        ← {t('pages.people')}
      </Anchor>
      {isGone && <Text className="foreign">{t('people.noSuch', { user: id })}</Text>}
      {isProblem && !isGone && <Problem error={error} onRetry={refetch} />}
      {!isData && !isProblem && <Loading />}
      {user && isData && <Person user={user} />}
    </Stack>
  )
}

function Person({ user }: { user: User }) {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const { data: people } = usePeople()
  const { data: environments, isWhole } = useEnvironments({ userId: user.id })
  const around = {
    // Until all are known, nobody counts as the last one: the service decides.
    administrators: people ? countAdministrators(people) : Number.POSITIVE_INFINITY,
    environments: isWhole ? (environments?.length ?? null) : null,
  }
  return (
    <Stack gap="xl">
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ minWidth: 0 }}>
          <Group gap="sm">
            <Title order={2} className="foreign" lineClamp={2}>
              {user.id}
            </Title>
            {user.disabled && <DisabledBadge />}
          </Group>
          <Text c="dimmed">
            {t(`people.roles.${user.role}`)} · {t('people.tier')}: {user.tier} · {t('people.since')}{' '}
            <Moment iso={user.created} />
          </Text>
        </Stack>
        <PersonActs user={user} around={around} isWide onGone={() => go('/console/people')} />
      </Group>
      <Environments userId={user.id} />
      <Storage userId={user.id} />
      <Sessions userId={user.id} />
      <Stack gap="sm" component="section">
        <Title order={3}>{t('account.tokens')}</Title>
        <TokenTable userId={user.id} none={t('people.noTokens')} />
      </Stack>
    </Stack>
  )
}

const listed = 10

function Environments({ userId }: { userId: string }) {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = useEnvironments({ userId })
  const { isProblem } = shownOf({ data, error })
  return (
    <Stack gap="sm" component="section" aria-label={t('people.environments')}>
      <Title order={3}>{t('people.environments')}</Title>
      {isPending && !error && <Loading />}
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {data?.length === 0 && <Text c="dimmed">{t('people.noEnvironments')}</Text>}
      {data && data.length > 0 && (
        <WideTable minWidth={640} label={t('people.environments')}>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('environments.name')}</Table.Th>
                <Table.Th>{t('all.status')}</Table.Th>
                <Table.Th>{t('environments.template')}</Table.Th>
                <Table.Th>{t('environments.lastUsed')}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.slice(0, listed).map((environment) => (
                <Table.Tr key={environment.id} data-environment={environment.id}>
                  <Table.Td maw={260}>
                    <Anchor
                      component={Link}
                      size="sm"
                      href={`/console/environments/${encodeURIComponent(environment.id)}`}
                      className="foreign"
                      lineClamp={2}
                    >
                      {environment.name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <StatusSign environment={environment} />
                  </Table.Td>
                  <Table.Td>{environment.template}</Table.Td>
                  <Table.Td>
                    {environment.last_activity ? <Moment iso={environment.last_activity} /> : t('environments.never')}
                  </Table.Td>
                  <Table.Td>
                    <Group justify="flex-end">
                      <Acts environment={environment} isCompact />
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </WideTable>
      )}
      {data && data.length > listed && (
        <Anchor component={Link} size="sm" href={`/console/all?person=${encodeURIComponent(userId)}`}>
          {t('people.allOfThem', { number: writeNumber(data.length) })}
        </Anchor>
      )}
    </Stack>
  )
}

function Storage({ userId }: { userId: string }) {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = usePersonUsage(userId)
  const { isData, isProblem } = shownOf({ data, error })
  const isUncounted = error instanceof Refusal && error.status === 404
  return (
    <Stack gap="sm" component="section" aria-label={t('people.storage')}>
      <Group justify="space-between">
        <Title order={3}>{t('people.storage')}</Title>
        <Anchor component={Link} href={`/console/files/of/${encodeURIComponent(userId)}/`} size="sm">
          <Group gap={6} wrap="nowrap">
            <IconFolder size={16} aria-hidden /> {t('people.files')}
          </Group>
        </Anchor>
      </Group>
      {isPending && <Loading />}
      {isUncounted && <Text c="dimmed">{t('people.notCounted')}</Text>}
      {isProblem && !isUncounted && <Problem error={error} onRetry={refetch} />}
      {data && isData && (
        <>
          <Used
            usedBytes={data.bytes + data.trash_bytes}
            limitBytes={data.limit_bytes}
            isTight={data.standing === 'near' || data.standing === 'over'}
          />
          {data.detail && (
            <Text>
              <ServiceWords>{data.detail}</ServiceWords>
            </Text>
          )}
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <Fact name={t('people.filesCount')} value={writeNumber(data.files)} />
            <Fact name={t('people.inTrash')} value={writeBytes(data.trash_bytes)} />
            <Fact name={t('people.counted')} value={<Moment iso={data.counted} />} />
          </SimpleGrid>
          {data.biggest_folders.length > 0 && <Biggest folders={data.biggest_folders.slice(0, 5)} />}
        </>
      )}
    </Stack>
  )
}

function Used({ usedBytes, limitBytes, isTight }: { usedBytes: number; limitBytes: number | null; isTight: boolean }) {
  const { t } = useTranslation()
  if (limitBytes === null) return <Text fw={600}>{t('people.usedOf', { used: writeBytes(usedBytes) })}</Text>
  const words = t('people.usedOfLimit', { used: writeBytes(usedBytes), limit: writeBytes(limitBytes) })
  return (
    <div>
      <Text fw={600} mb={4}>
        {words}
      </Text>
      <Progress
        value={(usedBytes / limitBytes) * 100}
        color={isTight ? 'red' : 'blue'}
        aria-label={words}
        size="lg"
        maw={520}
      />
    </div>
  )
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text>{value}</Text>
    </div>
  )
}

function Biggest({ folders }: { folders: readonly { path: string; bytes: number; files: number }[] }) {
  const { t } = useTranslation()
  return (
    <WideTable minWidth={360} label={t('people.biggest')}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('people.biggest')}</Table.Th>
            <Table.Th ta="right">{t('people.size')}</Table.Th>
            <Table.Th ta="right">{t('people.filesCount')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {folders.map(({ path, bytes, files }) => (
            <Table.Tr key={path}>
              <Table.Td className="foreign">{path || '/'}</Table.Td>
              <Table.Td ta="right">{writeBytes(bytes)}</Table.Td>
              <Table.Td ta="right">{writeNumber(files)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  )
}
