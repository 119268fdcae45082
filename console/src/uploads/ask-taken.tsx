import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Place } from '../files/place.ts'
import { useFocusReturn } from '../parts/use-focus-return.ts'
import { answeredTogether, type UploadQueue } from './queue.ts'
import { type How, uploads } from './store.ts'

const settleMs = 400

/** Whether a question is shown long enough that a press is meant for it, and not for the one before. */
function useSettled(id: string): boolean {
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(id), settleMs)
    return () => {
      clearTimeout(timer)
      setSettled('')
    }
  }, [id])
  return settled === id
}

/** Asks about the files whose names are taken, one after the other. */
export function AskTaken({ queue }: { queue: UploadQueue<Place> }) {
  const { t } = useTranslation()
  useFocusReturn()
  // Each question begins without a tick: an answer for all others is never given by chance.
  const [ticked, setTicked] = useState('')
  const [busy, setBusy] = useState<How | null>(null)
  const first = queue.totals.asking > 0 ? queue.items.find(({ state }) => state === 'asking') : undefined
  const isSettled = useSettled(first?.id ?? '')
  if (!first) return null
  const isForAll = ticked === first.id
  const others = answeredTogether(queue, first.id, true).length - 1
  const mayReplace = first.taken === 'file'

  async function answer(id: string, how: How): Promise<void> {
    if (!isSettled || busy !== null) return
    setBusy(how)
    await uploads.answer(id, how, isForAll).finally(() => setBusy(null))
  }

  const button = (how: How) => (
    <Button
      variant={how === 'beside' ? 'filled' : 'default'}
      loading={busy === how}
      disabled={busy !== null && busy !== how}
      aria-disabled={!isSettled || undefined}
      data-autofocus={how === 'beside' || undefined}
      onClick={() => answer(first.id, how)}
    >
      {t(`uploads.${how}`)}
    </Button>
  )
  return (
    <Modal
      opened
      onClose={() => answer(first.id, 'skip')}
      closeButtonProps={{ 'aria-label': t('close') }}
      title={<span className="foreign">{t('uploads.askTitle', { name: first.target.path })}</span>}
    >
      <Stack>
        <Text>{t(mayReplace ? 'uploads.askWords' : 'uploads.askOther')}</Text>
        {first.lostBytes > 0 && <Text>{t('uploads.askSent')}</Text>}
        <Checkbox
          label={`${t('uploads.forAll')}${others > 0 ? ` (${others})` : ''}`}
          checked={isForAll}
          onChange={({ currentTarget }) => setTicked(currentTarget.checked ? first.id : '')}
        />
        <Group justify="flex-end" gap="xs">
          {button('skip')}
          {mayReplace && button('replace')}
          {button('beside')}
        </Group>
      </Stack>
    </Modal>
  )
}
