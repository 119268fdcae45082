import { ActionIcon, Button, CloseButton, Group, Menu, Text, TextInput, Tooltip } from '@mantine/core'
import {
  IconArrowsMove,
  IconFileUpload,
  IconFileZip,
  IconFolderPlus,
  IconFolderUp,
  IconRefresh,
  IconSearch,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Entry } from '../api/bodies.ts'
import { useMe } from '../api/me.ts'
import { useUploadButtons } from '../uploads/zone.tsx'
import { zipOf } from './acts.tsx'
import type { View } from './address.ts'
import type { Asked } from './ask-entries.tsx'
import { type Place, trashAddressOf } from './place.ts'
import { useDelete } from './use-delete.tsx'

type Props = {
  place: Place
  /** Whether the person may change what is in it. */
  isChangeable: boolean
  view: View
  onView: (next: Partial<View>) => void
  isBusy: boolean
  onRefresh: () => void
  selected: readonly Entry[]
  onUnselect: () => void
  onAsk: (asked: Asked) => void
}

/** The acts on the whole folder, or on the chosen entries. */
export function Toolbar({ selected, ...props }: Props) {
  return selected.length > 0 ? <OfChosen selected={selected} {...props} /> : <OfFolder {...props} />
}

function OfFolder({ place, isChangeable, view, onView, isBusy, onRefresh, onAsk }: Omit<Props, 'selected'>) {
  const { t } = useTranslation()
  const { isAdmin } = useMe()
  const hasTrash = place.root.kind !== 'shared' || isAdmin
  return (
    <Group justify="space-between" gap="sm">
      {isChangeable && <Makers onAsk={onAsk} />}
      <Group gap="xs" wrap="nowrap" className="grows">
        <Search view={view} onView={onView} />
        <Tooltip label={t('files.refresh')}>
          <ActionIcon variant="default" size={36} aria-label={t('files.refresh')} onClick={onRefresh} loading={isBusy}>
            <IconRefresh size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('files.zip')}>
          <ActionIcon
            component="a"
            href={zipOf(place)}
            download
            variant="default"
            size={36}
            aria-label={t('files.zip')}
          >
            <IconFileZip size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        {hasTrash && (
          <Tooltip label={t('files.trash')}>
            <ActionIcon
              component={Link}
              href={trashAddressOf(place.root)}
              variant="default"
              size={36}
              aria-label={t('files.trash')}
            >
              <IconTrash size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
    </Group>
  )
}

/** The buttons that upload files or make a folder. */
function Makers({ onAsk }: Pick<Props, 'onAsk'>) {
  const { t } = useTranslation()
  const { pickFiles, pickFolder } = useUploadButtons()
  return (
    <Group gap="xs">
      <Menu position="bottom-start">
        <Menu.Target>
          <Button leftSection={<IconUpload size={16} />}>{t('files.upload')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFileUpload size={16} />} onClick={pickFiles}>
            {t('files.uploadFiles')}
          </Menu.Item>
          <Menu.Item leftSection={<IconFolderUp size={16} />} onClick={pickFolder}>
            {t('files.uploadFolder')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button
        variant="default"
        leftSection={<IconFolderPlus size={16} />}
        onClick={() => onAsk({ act: 'make-folder', entries: [] })}
      >
        {t('files.newFolder')}
      </Button>
    </Group>
  )
}

function Search({ view, onView }: Pick<Props, 'view' | 'onView'>) {
  const { t } = useTranslation()
  const [text, setText] = useState(view.search)
  useEffect(() => setText(view.search), [view.search])
  return (
    <search className="grows">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onView({ search: text.trim() })
        }}
      >
        <TextInput
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          placeholder={t('files.search')}
          aria-label={t('files.search')}
          maxLength={200}
          leftSection={<IconSearch size={16} />}
          rightSection={
            view.search !== '' && (
              <CloseButton size="sm" aria-label={t('files.clearSearch')} onClick={() => onView({ search: '' })} />
            )
          }
        />
      </form>
    </search>
  )
}

function OfChosen({ place, selected, onUnselect, onAsk }: Props) {
  const { t } = useTranslation()
  const [remove, isBusy] = useDelete(place.root)
  return (
    <Group gap="xs" mih={36}>
      <Text size="sm" fw={600} role="status">
        {t('files.selected', { count: selected.length })}
      </Text>
      <Button
        variant="default"
        leftSection={<IconArrowsMove size={16} />}
        onClick={() => onAsk({ act: 'move', entries: selected })}
      >
        {t('files.move')}
      </Button>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} />}
        loading={isBusy}
        onClick={() => remove(selected, onUnselect)}
      >
        {t('files.delete')}
      </Button>
      <Button variant="subtle" onClick={onUnselect}>
        {t('files.unselect')}
      </Button>
    </Group>
  )
}
