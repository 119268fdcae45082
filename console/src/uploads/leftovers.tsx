import { ActionIcon, Alert, Group, Text, Tooltip } from '@mantine/core'
import { IconUpload, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerTo, Refusal } from '../api/call.ts'
import { useMe } from '../api/me.ts'
import { nameOf, type Root, rootKey } from '../files/place.ts'
import { shownName } from '../parts/shown-name.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { writeBytes } from '../words/write.ts'
import { type Left, leftUploads } from './left.ts'
import { useUploads } from './use-uploads.ts'

const gone = [404, 410]

/** Uploads that a page which is closed by now has begun: the same file goes on where it was. */
export function Leftovers({ root }: { root: Root }) {
  const { t } = useTranslation()
  const { queue } = useUploads()
  const [left, setLeft] = useState<Left[]>([])
  const key = rootKey(root)
  const { user_id: person } = useMe()
  const isBusy = queue.length > 0
  useEffect(() => {
    if (!isBusy) setLeft(leftUploads(localStorage, { person, tree: key }))
  }, [isBusy, key, person])
  if (isBusy || left.length === 0) return null
  return (
    <Alert variant="outline" color="blue" icon={<IconUpload />} title={t('uploads.leftTitle', { count: left.length })}>
      <Text size="sm">{t('uploads.leftWords')}</Text>
      {left.map((each) => (
        <Group key={each.key} gap="xs" wrap="nowrap" mt={4}>
          <Text size="sm" className="foreign" fw={500}>
            {shownName(each.path)} ({writeBytes(each.sizeBytes)})
          </Text>
          <Tooltip label={t('uploads.discard', { name: nameOf(each.path) })}>
            <ActionIcon
              variant="subtle"
              color="gray"
              c="dimmed"
              aria-label={t('uploads.discard', { name: nameOf(each.path) })}
              onClick={() => {
                const look = () => setLeft(leftUploads(localStorage, { person, tree: key }))
                discardLeft(each).then(look, tellOfProblem)
              }}
            >
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
    </Alert>
  )
}

/** Removes one from the service, and then its note here. @throws Refusal, Unreachable */
async function discardLeft({ key, url }: Left): Promise<void> {
  const id = new URL(url).pathname.split('/').at(-1) ?? ''
  await answerTo('DELETE', `uploads/${id}`, { headers: { 'tus-resumable': '1.0.0' } }).catch((error: unknown) => {
    if (!(error instanceof Refusal && gone.includes(error.status))) throw error
  })
  localStorage.removeItem(key)
}
