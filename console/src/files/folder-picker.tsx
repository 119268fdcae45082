import {
  Anchor,
  Breadcrumbs,
  Button,
  CloseButton,
  Group,
  NavLink,
  ScrollArea,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFolderFilled, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/bodies.ts'
import { useFolder, useFound } from '../api/files.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownName } from '../parts/shown-name.ts'
import { useRootName } from './head.tsx'
import { foldersIn } from './list-state.ts'
import { nameBelow, type Root, trailOf } from './place.ts'

const typingMs = 300

/** Goes through the folders of a tree; the one that is open is the chosen one. A search finds folders below it, among however many files. */
export function FolderPicker({ root, path, onPath }: { root: Root; path: string; onPath: (path: string) => void }) {
  const { t } = useTranslation()
  const nameOfRoot = useRootName()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), typingMs)
  const go = (to: string) => {
    setText('')
    onPath(to)
  }
  return (
    <Stack gap="xs" mb="md">
      <Text size="sm" fw={500} component="div">
        {t('files.into')}
        <Breadcrumbs separatorMargin={6} style={{ flexWrap: 'wrap' }} data-chosen-folder={path}>
          {[{ name: nameOfRoot(root), path: '' }, ...trailOf(path)].map((step) => (
            <Anchor
              key={step.path}
              component="button"
              type="button"
              size="sm"
              className="foreign step"
              onClick={() => go(step.path)}
            >
              {shownName(step.name)}
            </Anchor>
          ))}
        </Breadcrumbs>
      </Text>
      <TextInput
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        // The dialogue's own button is for the folder, not for the search.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        placeholder={t('files.searchFolders')}
        aria-label={t('files.searchFolders')}
        maxLength={200}
        leftSection={<IconSearch size={16} />}
        rightSection={
          text !== '' && <CloseButton size="sm" aria-label={t('files.clearSearch')} onClick={() => setText('')} />
        }
      />
      <ScrollArea.Autosize mah={240} type="auto" className="framed">
        {search !== '' && text !== '' ? (
          <Found root={root} path={path} search={search} onPath={go} />
        ) : (
          <Inside root={root} path={path} onPath={go} />
        )}
      </ScrollArea.Autosize>
    </Stack>
  )
}

type ListProps = { root: Root; path: string; onPath: (path: string) => void }

function Inside({ root, path, onPath }: ListProps) {
  const { t } = useTranslation()
  const folder = useFolder({ root, path }, 'name')
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = folder
  const folders = foldersIn(data?.pages.flatMap(({ items }) => items) ?? [])
  return (
    <>
      {isPending && <Loading />}
      {error && <Problem error={error} onRetry={refetch} />}
      {data && folders.length === 0 && !hasNextPage && <Nothing>{t('files.noFolders')}</Nothing>}
      <Folders folders={folders} nameOf={({ name }) => name} onPath={onPath} />
      {hasNextPage && (
        <Group justify="center" p="xs">
          <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('files.showMore')}
          </Button>
        </Group>
      )}
    </>
  )
}

function Found({ root, path, search, onPath }: ListProps & { search: string }) {
  const { t } = useTranslation()
  const { data, error, isPending, refetch } = useFound({ root, path }, search)
  const folders = foldersIn(data?.items ?? [])
  return (
    <>
      {isPending && <Loading />}
      {error && <Problem error={error} onRetry={refetch} />}
      <div role="status">
        {data && folders.length === 0 && <Nothing>{t('files.noFolderFound', { text: search })}</Nothing>}
        {data && !data.complete && <Nothing>{t('files.foundPart')}</Nothing>}
      </div>
      <Folders folders={folders} nameOf={(folder) => nameBelow(folder.path, path)} onPath={onPath} />
    </>
  )
}

function Nothing({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed" p="sm" className="foreign">
      {children}
    </Text>
  )
}

type FoldersProps = {
  folders: readonly Entry[]
  nameOf: (folder: Entry) => string
  onPath: (path: string) => void
}

function Folders({ folders, nameOf, onPath }: FoldersProps) {
  return folders.map((folder) => (
    <NavLink
      key={folder.path}
      component="button"
      type="button"
      className="foreign"
      label={shownName(nameOf(folder))}
      leftSection={<IconFolderFilled size={18} color="var(--mantine-color-blue-5)" aria-hidden />}
      onClick={() => onPath(folder.path)}
    />
  ))
}
