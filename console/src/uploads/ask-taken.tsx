import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Place } from '../files/place.ts'
import type { Queue } from './queue.ts'
import { type How, uploads } from './store.ts'

/** Asks about the files whose names are taken, one after the other. */
export function AskTaken({ queue }: { queue: Queue<Place> }) {
  const { t } = useTranslation()
  const [isForAll, setForAll] = useState(false)
  const [busy, setBusy] = useState<How | null>(null)
  const asking = queue.filter(({ state }) => state === 'asking')
  const [first] = asking
  if (!first) return null
  const mayReplace = first.taken === 'file'

  async function answer(id: string, how: How): Promise<void> {
    setBusy(how)
    await uploads.answer(id, how, isForAll)
    setBusy(null)
  }

  const button = (how: How) => (
    <Button
      variant={how === 'beside' ? 'filled' : 'default'}
      loading={busy === how}
      disabled={busy !== null && busy !== how}
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
      title={<span className="foreign">{t('uploads.askTitle', { name: first.target.path })}</span>}
    >
      <Stack>
        <Text>{t(mayReplace ? 'uploads.askWords' : 'uploads.askOther')}</Text>
        <Checkbox
          label={`${t('uploads.forAll')}${asking.length > 1 ? ` (${asking.length - 1})` : ''}`}
          checked={isForAll}
          onChange={({ currentTarget }) => setForAll(currentTarget.checked)}
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
