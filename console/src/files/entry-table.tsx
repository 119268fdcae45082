import {
  ActionIcon,
  Button,
  Center,
  Checkbox,
  Group,
  Menu,
  Table,
  Text,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDots } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { memo, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Entry } from '../api/bodies.ts'
import { noteEntry } from '../api/files.ts'
import { Moment } from '../parts/moment.tsx'
import { shownName } from '../parts/shown-name.ts'
import { useRowsInView } from '../parts/visible-rows.ts'
import { writeBytes, writeNumber } from '../words/write.ts'
import { EntryActs } from './acts.tsx'
import type { Asked } from './ask-entries.tsx'
import { EntryIcon } from './entry-icon.tsx'
import { ariaSort, asksForMore, type Column, canOpen, offeredTo, pressed, type Sorting } from './list-state.ts'
import { addressOf, parentOf, type Root } from './place.ts'

const rowHeight = 48
/** So many rows before the end the next page is asked for. */
const ahead = 40

type Props = {
  root: Root
  entries: readonly Entry[]
  isSearch: boolean
  isChangeable: boolean
  sort: Sorting
  onSort: (sort: Sorting) => void
  chosen: ReadonlySet<string>
  onChoose: (chosen: ReadonlySet<string>) => void
  onAsk: (asked: Asked) => void
  hasMore: boolean
  isLoadingMore: boolean
  hasMoreFailed: boolean
  onMore: () => void
}

/** Entries as rows of one height. Only those in view are drawn, so that a list of 200,000 stays as quick as a short one. */
export function EntryTable(props: Props) {
  const {
    root,
    entries,
    isSearch,
    isChangeable,
    chosen,
    onChoose,
    onAsk,
    hasMore,
    isLoadingMore,
    hasMoreFailed,
    onMore,
  } = props
  const { t } = useTranslation()
  const body = useRef<HTMLTableSectionElement>(null)
  const [from, to] = useRowsInView(body, rowHeight, entries.length)
  const isNearEnd = to >= entries.length - ahead && from > 0
  useEffect(() => {
    if (asksForMore({ isNearEnd, hasMore, isLoadingMore, hasFailed: hasMoreFailed })) onMore()
  }, [isNearEnd, hasMore, isLoadingMore, hasMoreFailed, onMore])

  const latest = useRef({ chosen, onChoose })
  latest.current = { chosen, onChoose }
  const toggle = useRef((path: string) => {
    const { chosen, onChoose } = latest.current
    const next = new Set(chosen)
    if (!next.delete(path)) next.add(path)
    onChoose(next)
  }).current
  const askNow = useRef(onAsk).current
  const selectable = entries.filter(({ exact }) => exact)
  const all = selectable.length > 0 && selectable.every(({ path }) => chosen.has(path))

  return (
    <div>
      <Table
        layout="fixed"
        highlightOnHover
        verticalSpacing={0}
        className="entries"
        aria-rowcount={hasMore ? -1 : entries.length + 1}
      >
        <Table.Thead>
          <Table.Tr aria-rowindex={1} h={44}>
            {isChangeable && (
              <Table.Th w={40}>
                <Checkbox
                  aria-label={t('files.selectAll')}
                  checked={all}
                  indeterminate={!all && chosen.size > 0}
                  onChange={() => onChoose(new Set(all ? [] : selectable.map(({ path }) => path)))}
                />
              </Table.Th>
            )}
            <Head column="name" {...props} />
            <Head column="size" {...props} width={112} visibleFrom="xs" />
            <Head column="modified" {...props} width={168} visibleFrom="sm" />
            <Table.Th w={48}>
              <VisuallyHidden>{t('files.acts')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody ref={body}>
          {from > 0 && <tr aria-hidden style={{ height: from * rowHeight }} />}
          {entries.slice(from, to).map((entry, at) => (
            <Row
              key={`${entry.path}${entry.exact ? '' : ` ${entry.etag}`}`}
              index={from + at + 2}
              root={root}
              entry={entry}
              isSearch={isSearch}
              isChangeable={isChangeable}
              isChosen={entry.exact && chosen.has(entry.path)}
              onToggle={toggle}
              onAsk={askNow}
            />
          ))}
          {to < entries.length && <tr aria-hidden style={{ height: (entries.length - to) * rowHeight }} />}
        </Table.Tbody>
      </Table>
      <Center py="sm">
        {hasMore ? (
          <Group>
            <Text size="sm" c="dimmed" role="status">
              {t('files.countMore', { count: entries.length, formatted: writeNumber(entries.length) })}
            </Text>
            <Button size="xs" variant="default" loading={isLoadingMore} onClick={onMore}>
              {t('files.showMore')}
            </Button>
          </Group>
        ) : (
          !isSearch && (
            <Text size="sm" c="dimmed">
              {t('files.count', { count: entries.length })}
            </Text>
          )
        )}
      </Center>
    </div>
  )
}

type HeadProps = Pick<Props, 'sort' | 'onSort' | 'isSearch'> & {
  column: Column
  width?: number
  visibleFrom?: 'xs' | 'sm'
}

function Head({ column, sort, onSort, isSearch, width, visibleFrom }: HeadProps) {
  const { t } = useTranslation()
  const label = t(`files.${column}`)
  if (isSearch)
    return (
      <Table.Th w={width} visibleFrom={visibleFrom}>
        {label}
      </Table.Th>
    )
  const order = ariaSort(sort, column)
  const Arrow = order === 'descending' ? IconArrowDown : IconArrowUp
  return (
    <Table.Th w={width} visibleFrom={visibleFrom} aria-sort={order}>
      <UnstyledButton
        fz="sm"
        fw={600}
        py={8}
        onClick={() => onSort(pressed(sort, column))}
        aria-label={t('files.sortedBy', { column: label })}
      >
        <Group gap={4} wrap="nowrap">
          {label}
          {order !== 'none' && <Arrow size={14} aria-hidden />}
        </Group>
      </UnstyledButton>
    </Table.Th>
  )
}

type RowProps = {
  index: number
  root: Root
  entry: Entry
  isSearch: boolean
  isChangeable: boolean
  isChosen: boolean
  onToggle: (path: string) => void
  onAsk: (asked: Asked) => void
}

const Row = memo(function Row({ index, root, entry, isSearch, isChangeable, isChosen, onToggle, onAsk }: RowProps) {
  const { t } = useTranslation()
  const { name, path, kind, size_bytes, modified, exact } = entry
  const size = kind === 'file' ? writeBytes(size_bytes ?? 0) : t(`files.kind.${kind}`)
  return (
    <Table.Tr
      h={rowHeight}
      aria-rowindex={index}
      data-entry={name}
      data-kind={kind}
      bg={isChosen ? 'var(--mantine-primary-color-light)' : undefined}
    >
      {isChangeable && (
        <Table.Td>
          {exact && (
            <Checkbox aria-label={t('files.select', { name })} checked={isChosen} onChange={() => onToggle(path)} />
          )}
        </Table.Td>
      )}
      <Table.Td>
        <Group gap="sm" wrap="nowrap">
          <EntryIcon entry={entry} />
          <div className="one-line">
            <EntryName root={root} entry={entry} />
            <Under entry={entry} isSearch={isSearch} />
            <Text size="xs" c="dimmed" hiddenFrom="xs">
              {size}
            </Text>
          </div>
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="xs">
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {size}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm" c="dimmed" component="div" className="one-line">
          <Moment iso={modified} intervalMs={60_000} />
        </Text>
      </Table.Td>
      <Table.Td>
        {offeredTo(isChangeable, entry).length > 0 && (
          <EntryActs root={root} entry={entry} isChangeable={isChangeable} onAsk={onAsk}>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={t('files.actsOf', { name })}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
          </EntryActs>
        )}
      </Table.Td>
    </Table.Tr>
  )
})

function EntryName({ root, entry }: { root: Root; entry: Entry }) {
  const client = useQueryClient()
  if (!canOpen(entry))
    return (
      <Text component="span" size="sm" className="foreign" title={shownName(entry.name)}>
        {shownName(entry.name)}
      </Text>
    )
  return (
    <Link
      href={addressOf({ root, path: entry.path })}
      className="plain-link foreign"
      title={shownName(entry.name)}
      onClick={() => noteEntry(client, root, entry)}
    >
      {shownName(entry.name)}
    </Link>
  )
}

/** A second line: where a link leads, why something is not opened, or in which folder a search found it. */
function Under({ entry, isSearch }: { entry: Entry; isSearch: boolean }) {
  const { t } = useTranslation()
  const words = !entry.exact
    ? t('files.inexact')
    : entry.kind === 'link'
      ? t('files.linkTo', { target: entry.target ?? '?' })
      : isSearch
        ? parentOf(entry.path)
        : ''
  if (words === '') return null
  return (
    <Text size="xs" c="dimmed" className="foreign" title={words}>
      {words}
    </Text>
  )
}
