import { ActionIcon, Alert, Group, Text, Tooltip } from '@mantine/core'
import { IconUpload, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../api/me.ts'
import { personHeaders } from '../api/page-owner.ts'
import { nameOf, type Root, rootKey } from '../files/place.ts'
import { writeBytes } from '../words/write.ts'
import { type Left, leftUploads } from './left.ts'
import { useUploads } from './use-uploads.ts'

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
            {each.path} ({writeBytes(each.sizeBytes)})
          </Text>
          <Tooltip label={t('uploads.discard', { name: nameOf(each.path) })}>
            <ActionIcon
              variant="subtle"
              color="gray"
              c="dimmed"
              aria-label={t('uploads.discard', { name: nameOf(each.path) })}
              onClick={() => {
                setLeft((all) => all.filter(({ key }) => key !== each.key))
                void discardLeft(each)
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

/** Removes one, here and from the service. */
async function discardLeft({ key, url }: Left): Promise<void> {
  localStorage.removeItem(key)
  await fetch(url, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0', ...personHeaders() } }).catch(() => {})
}
