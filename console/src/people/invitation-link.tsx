import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useInvite } from '../api/people.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { Snippet } from '../parts/snippet.tsx'

type Invited = { userId: string; isNew?: boolean; onClose: () => void }

/** Makes a link for a person, and shows it this once. */
export function InvitationLink({ userId, isNew = false, onClose }: Invited) {
  const { t } = useTranslation()
  const { mutate, data, error } = useInvite()
  const isAsked = useRef(false)
  useEffect(() => {
    if (isAsked.current) return
    isAsked.current = true
    mutate(userId)
  }, [mutate, userId])
  return (
    <Stack>
      {isNew && (
        <Text className="foreign" role="status">
          {t('people.added', { user: userId })}
        </Text>
      )}
      {data && (
        <>
          <Alert color="green" variant="outline" title={t('people.linkTitle')}>
            <Stack gap="sm">
              <Text>{t('people.linkWords')}</Text>
              <Snippet label={t('people.linkTitle')}>{data.url}</Snippet>
            </Stack>
          </Alert>
          {/* Beside the alert: a reader of the screen would read it again as the time moves. */}
          <Text size="sm">
            {t('people.linkEnds')} <Moment iso={data.expires} />
          </Text>
        </>
      )}
      {error && <Problem error={error} onRetry={() => mutate(userId)} />}
      {!data && !error && <Loading />}
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('close')}</Button>
      </Group>
    </Stack>
  )
}
