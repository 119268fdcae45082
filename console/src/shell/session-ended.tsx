import { Button, Group, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { at } from '../api/place.ts'
import { noteSignedOut, useSignedOut } from '../api/signed-out.ts'

/** Lets a person sign in again without leaving the page and what they typed in it. */
export function SessionEnded() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const isSignedOut = useSignedOut()
  const [isNotYet, setNotYet] = useState(false)

  async function goOn(): Promise<void> {
    try {
      await call('GET', 'me')
      setNotYet(false)
      noteSignedOut(false)
      await client.invalidateQueries()
    } catch {
      setNotYet(true)
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
      {isNotYet && (
        <Text role="alert" c="red.9" mb="md">
          {t('ended.notYet')}
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
