import { Badge, Button, Stack, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Session } from '../api/bodies.ts'
import { call, callForAll, part } from '../api/call.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { WideTable } from '../parts/wide-table.tsx'

/** Where a person is signed in, each with a button that ends it. Without an id: whoever looks at the page. */
export function Sessions({ userId }: { userId?: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: ['sessions', userId ?? ''],
    queryFn: ({ signal }) => callForAll<Session>('sessions', { query: { user_id: userId }, signal }),
  })
  const { isProblem } = shownOf({ data, error })
  const end = useMutation({
    mutationFn: (id: string) => call('DELETE', `sessions/${part(id)}`),
    onError: tellOfProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  return (
    <Stack gap="sm" component="section">
      <Title order={3}>{t(userId === undefined ? 'account.sessions' : 'people.sessions')}</Title>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {!data && !isProblem && <Loading />}
      {data?.length === 0 && <Text c="dimmed">{t('people.noSessions')}</Text>}
      {data && data.length > 0 && (
        <WideTable minWidth={560} label={t(userId === undefined ? 'account.sessions' : 'people.sessions')}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('account.client')}</Table.Th>
                <Table.Th>{t('account.address')}</Table.Th>
                <Table.Th>{t('account.since')}</Table.Th>
                <Table.Th>{t('account.lastUsed')}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data?.map(({ id, client: browser, address, created, last_used, current }) => (
                <Table.Tr key={id}>
                  <Table.Td maw={260}>
                    <Text size="sm" lineClamp={2} className="foreign" title={browser}>
                      {browser}
                    </Text>
                  </Table.Td>
                  <Table.Td className="foreign">{address}</Table.Td>
                  <Table.Td>
                    <Moment iso={created} />
                  </Table.Td>
                  <Table.Td>
                    <Moment iso={last_used} />
                  </Table.Td>
                  <Table.Td>
                    {current ? (
                      <Badge variant="default">{t('account.thisOne')}</Badge>
                    ) : (
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`${t('account.endSession')}: ${browser}`}
                        onClick={() => end.mutate(id)}
                      >
                        {t('account.endSession')}
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </WideTable>
      )}
    </Stack>
  )
}
