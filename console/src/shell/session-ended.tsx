import { Button, Group, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Refusal } from '../api/call.ts'
import { askMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { noteSignedOut, useSignedOut } from '../api/signed-out.ts'
import { WordsOf } from '../parts/words-of.tsx'

/** Lets a person sign in again. The page stays open, with everything that they typed. */
export function SessionEnded() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const isSignedOut = useSignedOut()
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)

  async function goOn(): Promise<void> {
    try {
      await askMe()
      setFailure(null)
      noteSignedOut(false)
      // Long lists are read again only if they could not be read: each of their pages is a request.
      await client.invalidateQueries({ predicate: ({ meta, state }) => !meta?.isPaged || state.status === 'error' })
    } catch (error) {
      setFailure({ error })
    }
  }

  return (
    <Modal
      opened={isSignedOut}
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('ended.title')}
    >
      <Text mb="md">{t('ended.words')}</Text>
      {failure && (
        <Text role="alert" c="red.9" mb="md">
          {isNotYet(failure.error) ? t('ended.notYet') : <WordsOf error={failure.error} />}
        </Text>
      )}
      <Group justify="flex-end">
        <Button component="a" href={at('sign-in')} target="_blank" variant="default">
          {t('ended.signIn')}
        </Button>
        <Button onClick={goOn}>{t('ended.goOn')}</Button>
      </Group>
    </Modal>
  )
}

function isNotYet(error: unknown): boolean {
  return error instanceof Refusal && error.status === 401
}
