import { Alert, Button, Group, MultiSelect, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IssuedToken, Token } from '../api/bodies.ts'
import { call, callForAll, part } from '../api/call.ts'
import { useMe } from '../api/me.ts'
import { Ask } from '../parts/ask.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { Snippet } from '../parts/snippet.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { WideTable } from '../parts/wide-table.tsx'
import { scopes as allScopes } from './scopes.ts'

/** The person's API tokens. */
export function Tokens() {
  const { t } = useTranslation()
  const { user_id } = useMe()
  return (
    <Stack gap="sm" component="section">
      <Title order={3}>{t('account.tokens')}</Title>
      <Text>{t('account.tokensLead')}</Text>
      <TokenTable userId={user_id} none={t('account.noTokens')} />
      <NewToken />
    </Stack>
  )
}

/** Somebody's tokens, each with a button that revokes it. */
export function TokenTable({ userId, none }: { userId: string; none: string }) {
  const { t } = useTranslation()
  const [revoked, setRevoked] = useState<Token | null>(null)
  const { data, error, refetch } = useQuery({
    queryKey: ['tokens', userId],
    queryFn: ({ signal }) => callForAll<Token>('tokens', { query: { user_id: userId }, signal }),
  })
  const { isProblem } = shownOf({ data, error })
  return (
    <>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {!data && !isProblem && <Loading />}
      {data?.length === 0 && <Text c="dimmed">{none}</Text>}
      {data && data.length > 0 && (
        <WideTable minWidth={560} label={t('account.tokens')}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('account.tokenName')}</Table.Th>
                <Table.Th>{t('account.tokenScopes')}</Table.Th>
                <Table.Th>{t('account.lastUsed')}</Table.Th>
                <Table.Th>{t('account.expires')}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((token) => (
                <Table.Tr key={token.id}>
                  <Table.Td className="foreign">{token.name}</Table.Td>
                  <Table.Td className="foreign">{token.scopes?.join(' ') ?? t('account.allRights')}</Table.Td>
                  <Table.Td>{token.last_used ? <Moment iso={token.last_used} /> : t('account.never')}</Table.Td>
                  <Table.Td>{token.expires ? <Moment iso={token.expires} /> : t('account.never')}</Table.Td>
                  <Table.Td>
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={`${t('account.revoke')}: ${token.name}`}
                      onClick={() => setRevoked(token)}
                    >
                      {t('account.revoke')}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </WideTable>
      )}
      {revoked && <AskRevoke token={revoked} onClose={() => setRevoked(null)} />}
    </>
  )
}

function AskRevoke({ token: { id, name }, onClose }: { token: Token; onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const revoke = useAskedCall(
    useMutation({
      mutationFn: () => call('DELETE', `tokens/${part(id)}`),
      onSettled: () => void client.invalidateQueries({ queryKey: ['tokens'] }),
    }),
  )
  return (
    <Ask
      onClose={onClose}
      title={t('account.revokeTitle', { name })}
      words={t('account.revokeWords')}
      doIt={t('account.revoke')}
      isDangerous
      isBusy={revoke.isPending}
      error={revoke.error}
      onYes={() => revoke.mutate(undefined, { onSuccess: onClose })}
    />
  )
}

const lifetimesInDays = ['1', '30', '90', '365'] as const
const daySeconds = 86_400

function NewToken() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { role } = useMe()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [days, setDays] = useState<string>('90')
  const issue = useMutation({
    gcTime: 0, // the secret is shown only once
    mutationFn: () =>
      call<IssuedToken>('POST', 'tokens', {
        body: {
          name,
          role,
          scopes: scopes.length > 0 ? scopes : null,
          expires_in_seconds: Number(days) * daySeconds,
        },
      }),
    onSuccess: () => {
      setName('')
      client.invalidateQueries({ queryKey: ['tokens'] })
    },
  })
  return (
    <form
      aria-label={t('account.makeToken')}
      onSubmit={(event) => {
        event.preventDefault()
        issue.mutate()
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t('account.tokenName')}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            required
            w={220}
          />
          <MultiSelect
            label={t('account.tokenScopes')}
            placeholder={scopes.length === 0 ? t('account.allRights') : ''}
            data={allScopes}
            value={scopes}
            onChange={setScopes}
            miw={240}
            maw={420}
          />
          <Select
            label={t('account.tokenExpires')}
            data={lifetimesInDays.map((value) => ({ value, label: t('account.days', { count: Number(value) }) }))}
            value={days}
            onChange={(value) => value && setDays(value)}
            allowDeselect={false}
            w={140}
          />
          <Button type="submit" variant="default" loading={issue.isPending}>
            {t('account.makeToken')}
          </Button>
        </Group>
        {issue.error && <Problem error={issue.error} />}
        {issue.data && (
          <Alert color="green" variant="outline" title={t('account.secretTitle')}>
            <Text mb="sm">{t('account.secretWords')}</Text>
            <Snippet label={t('account.secretTitle')}>{issue.data.token}</Snippet>
          </Alert>
        )}
      </Stack>
    </form>
  )
}
