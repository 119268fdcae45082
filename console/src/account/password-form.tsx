import { Button, Group, PasswordInput, Stack, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call, part } from '../api/call.ts'
import { Problem } from '../parts/problem.tsx'
import { tell } from '../parts/tell.tsx'

export function PasswordForm({ userId }: { userId: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [now, setNow] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: () =>
      call('PUT', `users/${part(userId)}/password`, {
        body: { password: next, ...(now && { current_password: now }) },
      }),
    onSuccess: () => {
      setNow('')
      setNext('')
      tell(t('account.passwordSet'))
      client.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  return (
    <form
      aria-label={t('account.password')}
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack maw={420} gap="sm">
        <Title order={3}>{t('account.password')}</Title>
        <input type="text" autoComplete="username" value={userId} readOnly hidden />
        <PasswordInput
          label={t('account.passwordNow')}
          autoComplete="current-password"
          value={now}
          onChange={({ currentTarget }) => setNow(currentTarget.value)}
        />
        <PasswordInput
          label={t('account.passwordNew')}
          description={t('account.passwordHint')}
          autoComplete="new-password"
          value={next}
          onChange={({ currentTarget }) => setNext(currentTarget.value)}
          required
        />
        {change.error && <Problem error={change.error} />}
        <Group>
          <Button type="submit" variant="default" loading={change.isPending}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
