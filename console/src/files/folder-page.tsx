import { Button, Center, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Refusal } from '../api/call.ts'
import { readAgain, useFolder, useFound, useIsChanged } from '../api/files.ts'
import { useMe } from '../api/me.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { Leftovers } from '../uploads/leftovers.tsx'
import { UploadZone } from '../uploads/zone.tsx'
import { useView } from './address.ts'
import { AskEntries, type Asked } from './ask-entries.tsx'
import { EntryTable } from './entry-table.tsx'
import { FilesHead, useRootName } from './head.tsx'
import { isShort } from './list-state.ts'
import { nameOf, type Place } from './place.ts'
import { Toolbar } from './toolbar.tsx'

/** A folder as a list, or what a search below it found. */
export function FolderPage({ place }: { place: Place }) {
  const { t } = useTranslation()
  const { isAdmin } = useMe()
  const nameOfRoot = useRootName()
  const [view, setView] = useView(place)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const client = useQueryClient()
  const isChanged = useIsChanged(place)
  const folder = useFolder(place, view.sort, view.search === '')
  const found = useFound(place, view.search)
  const isSearch = view.search !== ''
  const { data, error, isPending } = isSearch ? found : folder
  const { isData, isProblem } = shownOf({ data, error: folder.isFetchNextPageError && !isSearch ? null : error })
  const entries = useMemo(
    () => (isSearch ? (found.data?.items ?? []) : (folder.data?.pages.flatMap(({ items }) => items) ?? [])),
    [isSearch, found.data, folder.data],
  )
  const writable = isSearch ? found.data?.writable : folder.data?.pages[0]?.writable
  // Until the service has said so, nothing is offered that it may refuse.
  const isChangeable = place.root.kind !== 'shared' || isAdmin || (writable ?? false)
  const selected = useMemo(() => entries.filter(({ path, exact }) => exact && chosen.has(path)), [entries, chosen])
  const name = place.path === '' ? nameOfRoot(place.root) : nameOf(place.path)
  const ask = (next: Asked) => setAsked(next)

  return (
    <UploadZone place={place} name={name} isOpen={isChangeable}>
      <Stack>
        <FilesHead place={place} />
        {!isChangeable && writable === false && (
          <Text size="sm" c="dimmed">
            {t('files.readOnly')}
          </Text>
        )}
        {isChangeable && <Leftovers root={place.root} />}
        <Toolbar
          place={place}
          isChangeable={isChangeable}
          view={view}
          onView={setView}
          isBusy={folder.isFetching || found.isFetching}
          onRefresh={() => (isSearch ? found.refetch() : readAgain(client, place))}
          selected={selected}
          onUnselect={() => setChosen(new Set())}
          onAsk={ask}
        />
        {isProblem && (
          <SortProblem
            error={error}
            onRetry={isSearch ? found.refetch : folder.refetch}
            onByName={() => setView({ sort: 'name' })}
          />
        )}
        {!isSearch && isChanged && !isShort(folder.data?.pages) && (
          <Changed onReadAgain={() => readAgain(client, place)} />
        )}
        {isPending && <Loading />}
        {isSearch && isData && found.data && (
          <Text size="sm" role="status" className="foreign">
            {t('files.found', { count: entries.length, folder: name, text: view.search })}{' '}
            {!found.data.complete && t('files.foundPart')}
          </Text>
        )}
        {isData && entries.length > 0 && (
          <EntryTable
            root={place.root}
            entries={entries}
            isSearch={isSearch}
            isChangeable={isChangeable}
            sort={view.sort}
            onSort={(sort) => setView({ sort })}
            chosen={chosen}
            onChoose={setChosen}
            onAsk={ask}
            hasMore={!isSearch && folder.hasNextPage}
            isLoadingMore={folder.isFetchingNextPage}
            hasMoreFailed={folder.isFetchNextPageError}
            onMore={folder.fetchNextPage}
          />
        )}
        {folder.isFetchNextPageError && <Problem error={folder.error} onRetry={() => folder.fetchNextPage()} />}
        {isData && entries.length === 0 && !isSearch && <Empty mayChange={isChangeable} />}
      </Stack>
      <AskEntries place={place} asked={asked} onClose={() => setAsked(null)} onDone={() => setChosen(new Set())} />
    </UploadZone>
  )
}

/** A folder of very many entries is sorted only by name: the service says so, and the page offers it. */
function SortProblem({ error, onRetry, onByName }: { error: unknown; onRetry: () => void; onByName: () => void }) {
  const { t } = useTranslation()
  const isSort = error instanceof Refusal && error.problem.errors?.some(({ pointer }) => pointer === '/sort')
  if (!isSort) return <Problem error={error} onRetry={onRetry} />
  return (
    <Stack align="flex-start">
      <Text role="status">
        <ServiceWords>{error.message}</ServiceWords>
      </Text>
      <Button variant="default" onClick={onByName}>
        {t('files.sortTooMany')}
      </Button>
    </Stack>
  )
}

/** A long list is not read again by itself: a reader would lose their place in it. */
function Changed({ onReadAgain }: { onReadAgain: () => void }) {
  const { t } = useTranslation()
  return (
    <Group gap="sm">
      <Text size="sm" role="status">
        {t('files.listChanged')}
      </Text>
      <Button size="xs" variant="default" onClick={onReadAgain}>
        {t('files.readAgain')}
      </Button>
    </Group>
  )
}

function Empty({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation()
  return (
    <Center py="xl">
      <Stack align="center" maw={460} ta="center" gap="xs">
        <ThemeIcon size={64} radius="xl" variant="light">
          <IconFolderOpen size={36} stroke={1.4} />
        </ThemeIcon>
        <Title order={3}>{t('files.empty')}</Title>
        <Text c="dimmed">{t(mayChange ? 'files.emptyLead' : 'files.emptyShared')}</Text>
      </Stack>
    </Center>
  )
}
