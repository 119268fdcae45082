import {
  ActionIcon,
  Button,
  Center,
  Group,
  Stack,
  Table,
  Text,
  TextInput,
  ThemeIcon,
  Title,
  Tooltip,
  VisuallyHidden,
} from '@mantine/core'
import { IconArrowBackUp, IconArrowLeft, IconTrash, IconTrashX } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Trashed } from '../api/bodies.ts'
import { refreshFolder, removeForGood, restore, trashKey, useTrash } from '../api/files.ts'
import { useMe } from '../api/me.ts'
import { Ask } from '../parts/ask.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { shownName } from '../parts/shown-name.ts'
import { tell } from '../parts/tell.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { writeBytes } from '../words/write.ts'
import { useTrashRoot } from './address.ts'
import { AskRemoveAll } from './ask-remove-all.tsx'
import { EntryIcon } from './entry-icon.tsx'
import { pathProblem } from './name-rules.ts'
import { addressOf, nameOf, parentOf, type Root } from './place.ts'

type Open = { what: 'remove' | 'restore'; trashed: Trashed } | null

/** The deleted entries: the person brings one back, or removes it for good. */
export function TrashPage() {
  const { t } = useTranslation()
  const root = useTrashRoot()
  return root ? <Trash root={root} /> : t('noSuchPage')
}

function Trash({ root }: { root: Root }) {
  const { t } = useTranslation()
  const { isAdmin } = useMe()
  const [isRemovingAll, setRemovingAll] = useState(false)
  const [open, setOpen] = useState<Open>(null)
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useTrash(root)
  const { isData, isProblem } = shownOf({ data, error })
  const items = data?.pages.flatMap((page) => page.items) ?? []
  const title =
    root.kind === 'shared'
      ? t('trash.titleShared')
      : root.kind === 'of'
        ? t('trash.titleOf', { user: root.userId })
        : t('trash.title')
  return (
    <Stack>
      <Stack gap="xs">
        <Title order={2} className="foreign">
          {title}
        </Title>
        <Text size="sm" c="dimmed" maw={720}>
          {t('trash.lead')}
        </Text>
      </Stack>
      <Group>
        <Button
          component={Link}
          href={addressOf({ root, path: '' })}
          variant="default"
          leftSection={<IconArrowLeft size={16} />}
        >
          {t('trash.toFiles')}
        </Button>
        {isData && items.length > 0 && (root.kind !== 'shared' || isAdmin) && (
          <Button variant="default" leftSection={<IconTrashX size={16} />} onClick={() => setRemovingAll(true)}>
            {t('trash.removeAll')}
          </Button>
        )}
      </Group>
      {isPending && <Loading />}
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {isData && items.length === 0 && <Empty />}
      {isData && items.length > 0 && (
        <Table layout="fixed" verticalSpacing="xs" className="entries">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('trash.what')}</Table.Th>
              <Table.Th w={150} visibleFrom="sm">
                {t('trash.deleted')}
              </Table.Th>
              <Table.Th w={150} visibleFrom="md">
                {t('trash.until')}
              </Table.Th>
              <Table.Th w={104}>
                <VisuallyHidden>{t('files.acts')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((trashed) => (
              <Row key={trashed.id} trashed={trashed} onOpen={setOpen} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {isData && hasNextPage && (
        <Center>
          <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('files.showMore')}
          </Button>
        </Center>
      )}
      {isRemovingAll && <AskRemoveAll root={root} onClose={() => setRemovingAll(false)} />}
      <AskTrashed root={root} open={open} onClose={() => setOpen(null)} />
    </Stack>
  )
}

function Row({ trashed, onOpen }: { trashed: Trashed; onOpen: (open: Open) => void }) {
  const { t } = useTranslation()
  const { path, kind, size_bytes, deleted, deleted_by, kept_until } = trashed
  const name = nameOf(path)
  const shown = path === '' ? t('trash.wholeFolder') : shownName(name)
  return (
    <Table.Tr data-trashed={path}>
      <Table.Td>
        <Group gap="sm" wrap="nowrap">
          <EntryIcon entry={{ kind, name }} />
          <div className="one-line">
            <Text size="sm" className="foreign" title={shownName(path) || shown}>
              {shown}
            </Text>
            <Text size="xs" c="dimmed" className="foreign">
              {[
                shownName(parentOf(path)),
                size_bytes === null ? '' : writeBytes(size_bytes),
                t('trash.by', { user: deleted_by }),
              ]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          </div>
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm" c="dimmed" component="div">
          <Moment iso={deleted} />
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="sm" c="dimmed" component="div">
          {kept_until === null ? t('trash.forEver') : <Moment iso={kept_until} />}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <Tooltip label={t('trash.restore')}>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={`${t('trash.restore')}: ${shown}`}
              onClick={() => onOpen({ what: 'restore', trashed })}
            >
              <IconArrowBackUp size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('trash.remove')}>
            <ActionIcon
              variant="default"
              size={36}
              c="var(--mantine-color-error)"
              aria-label={`${t('trash.remove')}: ${shown}`}
              onClick={() => onOpen({ what: 'remove', trashed })}
            >
              <IconTrashX size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}

function AskTrashed({ root, open, onClose }: { root: Root; open: Open; onClose: () => void }) {
  if (!open) return null
  return open.what === 'remove' ? (
    <AskRemove key={open.trashed.id} root={root} trashed={open.trashed} onClose={onClose} />
  ) : (
    <AskRestore key={open.trashed.id} root={root} trashed={open.trashed} onClose={onClose} />
  )
}

type AskProps = { root: Root; trashed: Trashed; onClose: () => void }

function AskRemove({ root, trashed: { id, path }, onClose }: AskProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const name = nameOf(path) || t('trash.wholeFolder')
  const remove = useAskedCall(
    useMutation({
      mutationFn: () => removeForGood(id),
      onSuccess: () => tell(t('trash.removed', { name })),
      onSettled: () => client.invalidateQueries({ queryKey: trashKey(root) }),
    }),
  )
  return (
    <Ask
      onClose={onClose}
      title={t('trash.removeTitle', { name })}
      words={t('trash.removeWords')}
      doIt={t('trash.remove')}
      isDangerous
      isBusy={remove.isPending}
      error={remove.error}
      onYes={() => remove.mutate(undefined, { onSuccess: onClose })}
    />
  )
}

function AskRestore({ root, trashed: { id, path }, onClose }: AskProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [to, setTo] = useState(path)
  const fault = to === path ? null : pathProblem(to)
  const back = useAskedCall(
    useMutation({
      mutationFn: (to: string) => restore(id, to === path ? undefined : to),
      onSuccess: (_, to) => {
        refreshFolder(client, { root, path: parentOf(to) })
        tell(t('trash.restored', { path: to || t('trash.wholeFolder') }))
      },
      onSettled: () => client.invalidateQueries({ queryKey: trashKey(root) }),
    }),
  )
  return (
    <Ask
      onClose={onClose}
      title={t('trash.restoreTo', { name: nameOf(path) || t('trash.wholeFolder') })}
      words={t('trash.restoreWords')}
      doIt={t('trash.restore')}
      isBusy={back.isPending}
      isImpossible={fault !== null}
      error={back.error}
      onYes={() => fault === null && back.mutate(to, { onSuccess: onClose })}
    >
      <TextInput
        label={t('trash.restorePath')}
        value={to}
        onChange={({ currentTarget }) => setTo(currentTarget.value)}
        error={fault && t(`files.fault.${fault}`)}
      />
    </Ask>
  )
}

function Empty() {
  const { t } = useTranslation()
  return (
    <Center py="xl">
      <Stack align="center">
        <ThemeIcon size={64} radius="xl" variant="light">
          <IconTrash size={36} stroke={1.4} />
        </ThemeIcon>
        <Title order={3}>{t('trash.empty')}</Title>
      </Stack>
    </Center>
  )
}
