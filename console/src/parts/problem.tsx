import { Alert, Anchor, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { Refusal, Unreachable } from '../api/call.ts'
import { at } from '../api/place.ts'
import { problemTitle } from '../words/problem-title.ts'
import { LongWords } from './long-words.tsx'
import { wordsOf } from './words-of.tsx'

/** Says why something failed: the kind of problem in the reader's language, then the service's words, with a link to the explanation. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  return (
    <Alert color="red" variant="outline" icon={<IconAlertTriangle />} title={titleOf(error)} role="alert">
      {error instanceof Unreachable ? <Text>{t('problem.unreachable')}</Text> : <LongWords>{wordsOf(error)}</LongWords>}
      <Group mt="sm" gap="md">
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('retry')}
          </Button>
        )}
        {error instanceof Refusal && error.code && (
          <Anchor size="sm" href={at(`problems/${error.code}`)} target="_blank">
            {t('problem.code')}: {error.code}
          </Anchor>
        )}
        {error instanceof Refusal && error.problem.request_id && (
          <Text size="sm" c="dimmed">
            {t('problem.request', { id: error.problem.request_id })}
          </Text>
        )}
      </Group>
    </Alert>
  )
}

/** Names the kind of a problem in the reader's language. */
export function titleOf(error: unknown): string {
  const unknown = i18next.t('problem.title')
  return error instanceof Refusal ? problemTitle(error.code, error.problem.title ?? unknown) : unknown
}
