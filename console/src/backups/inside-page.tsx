import {
  ActionIcon,
  Anchor,
  Breadcrumbs,
  Button,
  Center,
  Group,
  Select,
  Stack,
  Table,
  Text,
  Title,
  Tooltip,
  VisuallyHidden,
} from '@mantine/core'
import { IconDownload, IconFile, IconFolder, IconLink } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'wouter'
import { useBackup, useBackupFiles } from '../api/backups.ts'
import type { BackupEntry } from '../api/bodies.ts'
import { useJobs } from '../api/jobs.ts'
import { useMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { JobNews } from '../jobs/job-news.tsx'
import { useAddressQuery } from '../parts/address-query.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { shownName } from '../parts/shown-name.ts'
import { WideTable } from '../parts/wide-table.tsx'
import { withQuery } from '../parts/with-query.ts'
import { writeBytes, writeTime } from '../words/write.ts'
import { type Asked, below, callsFor, folderShown, inOrder, openable, wayTo } from './inside.ts'
import { RestoreDialog } from './restore-dialog.tsx'
import { Restores } from './restores.tsx'

/** A backup from inside: its folders as they were, with the way to bring something back. */
export function InsidePage() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const { isAdmin, user_id } = useMe()
  const [search, setSearch] = useAddressQuery()
  const { data: backup, error, refetch } = useBackup(isAdmin ? id : null)
  const { jobs, data: known } = useJobs(isAdmin ? 'everybody' : 'mine')
  const whole = shownOf({ data: backup, error })
  const folders = openable((whole.isData && backup?.folders) || [])
  const folder = folderShown(search.get('of'), { isAdmin, userId: user_id, folders })
  const path = search.get('path') ?? ''
  return (
    <Stack maw={980}>
      <Anchor component={Link} href="/console/backups" size="sm">
        ← {t('pages.backups')}
      </Anchor>
      <Title order={2}>{t('backups.of', { when: whenOf(id) })}</Title>
      <JobNews jobs={known && jobs} />
      <Restores jobs={jobs} />
      {whole.isProblem && <Problem error={error} onRetry={refetch} />}
      {isAdmin && !backup && !error && <Loading />}
      {isAdmin && folders.length > 0 && (
        <Select
          label={t('backups.whose')}
          data={folders}
          value={folder}
          onChange={(value) => value && setSearch({ of: value })}
          allowDeselect={false}
          searchable
          maw={360}
        />
      )}
      {folder !== null && !(whole.isProblem && !whole.isData) && (
        <Folder key={`${folder} ${path}`} backup={id} asked={{ folder, isAdmin, userId: user_id }} path={path} />
      )}
    </Stack>
  )
}

/** The id of a backup has its time. */
function whenOf(id: string): string {
  const [, date, h, m, s] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z/.exec(id) ?? []
  return date ? writeTime(`${date}T${h}:${m}:${s}Z`) : id
}

type Restored = { path: string; name: string }

function Folder({ backup, asked, path }: { backup: string; asked: Asked; path: string }) {
  const { t } = useTranslation()
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } =
    useBackupFiles(backup, asked, path)
  const [restored, setRestored] = useState<Restored | null>(null)
  const { isData, isProblem } = shownOf({ data, error })
  const entries = inOrder((isData && data?.pages.flatMap(({ items }) => items)) || [])
  const here = (to: string) =>
    withQuery(`/console/backups/${encodeURIComponent(backup)}`, { of: asked.folder, path: to })
  const top = asked.folder === `users/${asked.userId}` ? t('usage.own') : asked.folder
  const name = path === '' ? top : (path.split('/').at(-1) ?? '')
  return (
    <Stack component="section" gap="sm">
      <Group justify="space-between">
        <nav aria-label={t('backups.way')}>
          <Breadcrumbs className="foreign" style={{ flexWrap: 'wrap' }}>
            <Anchor component={Link} href={here('')} aria-current={path === '' ? 'page' : undefined}>
              {top}
            </Anchor>
            {wayTo(path).map((each) => (
              <Anchor
                key={each.path}
                component={Link}
                href={here(each.path)}
                aria-current={each.path === path ? 'page' : undefined}
              >
                {each.name}
              </Anchor>
            ))}
          </Breadcrumbs>
        </nav>
        <Button variant="default" onClick={() => setRestored({ path, name })}>
          {t(path === '' ? 'backups.restoreAll' : 'backups.restoreFolder')}
        </Button>
      </Group>
      {isPending && (
        <>
          <Text c="dimmed">{t('backups.opening')}</Text>
          <Loading />
        </>
      )}
      {isProblem && <Problem error={error} onRetry={isFetchNextPageError ? () => fetchNextPage() : refetch} />}
      {isData && entries.length === 0 && <Text c="dimmed">{t('backups.emptyFolder')}</Text>}
      {entries.length > 0 && (
        <Entries
          entries={entries}
          hrefOf={({ name: of }) => here(below(path, of))}
          downloadOf={({ name: of }) => {
            const { content } = callsFor(backup, asked)
            return at(withQuery(`api/${content.path}`, { ...content.query, path: below(path, of) }))
          }}
          onRestore={({ name: of }) => setRestored({ path: below(path, of), name: of })}
        />
      )}
      {hasNextPage && isData && (
        <Center>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('jobs.more')}
          </Button>
        </Center>
      )}
      {restored && <RestoreDialog backup={backup} asked={asked} {...restored} onClose={() => setRestored(null)} />}
    </Stack>
  )
}

const icons = { file: IconFile, folder: IconFolder, link: IconLink, other: IconFile } as const

function Entries({
  entries,
  hrefOf,
  downloadOf,
  onRestore,
}: {
  entries: readonly BackupEntry[]
  hrefOf: (entry: BackupEntry) => string
  downloadOf: (entry: BackupEntry) => string
  onRestore: (entry: BackupEntry) => void
}) {
  const { t } = useTranslation()
  return (
    <WideTable minWidth={300} label={t('backups.whose')}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('backups.name')}</Table.Th>
            <Table.Th ta="right">{t('backups.size')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('backups.changed')}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t('backups.restore')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => {
            const Icon = icons[entry.type]
            return (
              <Table.Tr key={entry.name}>
                <Table.Td>
                  <Group gap="xs" wrap="nowrap">
                    <Icon size={18} stroke={1.6} aria-hidden style={{ flex: 'none' }} />
                    {entry.type === 'folder' && entry.exact ? (
                      <Anchor component={Link} href={hrefOf(entry)} size="sm" className="foreign">
                        {shownName(entry.name)}
                      </Anchor>
                    ) : (
                      <span className="foreign">{shownName(entry.name)}</span>
                    )}
                  </Group>
                </Table.Td>
                <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                  {entry.type === 'file' ? writeBytes(entry.size_bytes) : ''}
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <Moment iso={entry.modified} />
                </Table.Td>
                <Table.Td>
                  <Group gap="xs" justify="flex-end" wrap="nowrap">
                    {entry.type === 'file' && entry.exact && (
                      <Tooltip label={t('backups.download')}>
                        <ActionIcon
                          component="a"
                          href={downloadOf(entry)}
                          download
                          variant="default"
                          size={30}
                          aria-label={`${t('backups.download')}: ${shownName(entry.name)}`}
                        >
                          <IconDownload size={16} />
                        </ActionIcon>
                      </Tooltip>
                    )}
                    {entry.exact && (
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`${t('backups.restore')}: ${shownName(entry.name)}`}
                        onClick={() => onRestore(entry)}
                      >
                        {t('backups.restore')}
                      </Button>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </WideTable>
  )
}
