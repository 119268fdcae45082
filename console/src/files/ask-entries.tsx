import { TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/bodies.ts'
import { makeFolder, move, noteGoneEntries, refreshFolder, useIsChangeable } from '../api/files.ts'
import { useMe } from '../api/me.ts'
import { Ask } from '../parts/ask.tsx'
import { tell } from '../parts/tell.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { FolderPicker } from './folder-picker.tsx'
import { useRootName } from './head.tsx'
import { stillToMove } from './list-state.ts'
import { nameProblem } from './name-rules.ts'
import { isWithin, joined, nameOf, type Place, parentOf } from './place.ts'
import { useCopy } from './use-copy.tsx'

/** What a person is being asked about, and the entries that it is about. */
export type Asked = { act: 'make-folder' | 'rename' | 'move' | 'copy'; entries: readonly Entry[] }

type Props = { place: Place; asked: Asked | null; onClose: () => void; onDone?: (to?: string) => void }

/** The questions before a change: a name, or a folder. */
export function AskEntries({ asked, ...props }: Props) {
  if (!asked) return null
  const [first] = asked.entries
  if (asked.act === 'make-folder') return <AskFolder {...props} />
  if (!first) return null
  if (asked.act === 'rename') return <AskName entry={first} {...props} />
  return <AskPlace act={asked.act} entries={asked.entries} {...props} />
}

type OfAsk = Omit<Props, 'asked'>

function AskFolder({ place: { root, path }, onClose }: OfAsk) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const make = useAskedCall(
    useMutation({
      mutationFn: (name: string) => makeFolder({ root, path: joined(path, name) }),
      onSuccess: (_, name) => {
        refreshFolder(client, { root, path })
        tell(t('files.made', { name }))
      },
    }),
  )
  return (
    <Ask
      onClose={onClose}
      title={t('files.newFolder')}
      words=""
      doIt={t('files.newFolder')}
      isBusy={make.isPending}
      error={make.error}
      onYes={() => nameProblem(name, path) === null && make.mutate(name, { onSuccess: onClose })}
    >
      <NameInput label={t('files.newFolderName')} value={name} folder={path} onChange={setName} />
    </Ask>
  )
}

function AskName({ place: { root }, entry, onClose, onDone }: OfAsk & { entry: Entry }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const folder = parentOf(entry.path)
  const [name, setName] = useState(entry.name)
  const rename = useAskedCall(
    useMutation({
      mutationFn: (name: string) => move({ root, path: entry.path }, joined(folder, name)),
      onSuccess: (_, name) => {
        noteGoneEntries(client, root, [entry.path])
        refreshFolder(client, { root, path: folder })
        tell(t('files.renamed', { from: entry.name, to: name }))
      },
    }),
  )
  const leave = () => {
    onDone?.(joined(folder, name))
    onClose()
  }
  return (
    <Ask
      onClose={onClose}
      title={t('files.renameTitle', { name: entry.name })}
      words=""
      doIt={t('files.rename')}
      isBusy={rename.isPending}
      error={rename.error}
      onYes={() => {
        if (name === entry.name) onClose()
        else if (nameProblem(name, folder) === null) rename.mutate(name, { onSuccess: leave })
      }}
    >
      <NameInput label={t('files.newName')} value={name} folder={folder} onChange={setName} />
    </Ask>
  )
}

type NameProps = { label: string; value: string; folder: string; onChange: (name: string) => void }

/** A name that is typed; says at once what the service would refuse. */
function NameInput({ label, value, folder, onChange }: NameProps) {
  const { t } = useTranslation()
  const fault = value === '' ? null : nameProblem(value, folder)
  return (
    <TextInput
      label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={fault && t(`files.fault.${fault}`)}
      onFocus={({ currentTarget }) => selectStem(currentTarget)}
      data-autofocus
    />
  )
}

/** A new name mostly has the old end: `.csv` is not selected. */
function selectStem(input: HTMLInputElement): void {
  const end = input.value.lastIndexOf('.')
  input.setSelectionRange(0, end > 0 ? end : input.value.length)
}

function AskPlace({
  place: { root },
  act,
  entries,
  onClose,
  onDone,
}: OfAsk & { act: 'move' | 'copy'; entries: readonly Entry[] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const nameOfRoot = useRootName()
  const copy = useCopy(root)
  const [first] = entries
  const from = parentOf(first?.path ?? '')
  const [to, setTo] = useState(from)
  const [name, setName] = useState(first?.name ?? '')
  const nameOfFolder = (path: string) => (path === '' ? nameOfRoot(root) : nameOf(path))
  // A second try after a failure goes on with those that are still where they were.
  const moved = useRef<ReadonlySet<string>>(new Set())
  const moving = useAskedCall(
    useMutation({
      mutationFn: async (to: string) => {
        try {
          for (const { path, name } of stillToMove(entries, moved.current)) {
            await move({ root, path }, joined(to, name))
            moved.current = new Set([...moved.current, path])
          }
        } finally {
          noteGoneEntries(client, root, [...moved.current])
        }
      },
      onSuccess: (_, to) => {
        const folder = nameOfFolder(to)
        tell(
          entries.length === 1
            ? t('files.moved', { name: first?.name ?? '', folder })
            : t('files.movedMany', { count: entries.length, folder }),
        )
      },
      onSettled: (_, __, to) => {
        refreshFolder(client, { root, path: to })
        for (const path of new Set(entries.map((entry) => parentOf(entry.path)))) refreshFolder(client, { root, path })
      },
    }),
  )
  const copying = useAskedCall(
    useMutation({
      mutationFn: (to: string) => copy({ root, path: first?.path ?? '' }, to),
    }),
  )
  const leave = () => {
    onDone?.(joined(to, first?.name ?? ''))
    onClose()
  }
  const isItself = entries.some(({ path, kind }) => kind === 'folder' && isWithin(to, path))
  const isSame = act === 'move' && entries.every(({ path }) => parentOf(path) === to)
  const { isAdmin } = useMe()
  const isClosed = useIsChangeable({ root, path: to }, isAdmin) !== true
  const fault = act === 'copy' ? nameProblem(name, to) : null
  const title =
    act === 'copy'
      ? t('files.copyTitle', { name: first?.name ?? '' })
      : entries.length === 1
        ? t('files.moveTitle', { name: first?.name ?? '' })
        : t('files.moveTitleMany', { count: entries.length })
  return (
    <Ask
      onClose={onClose}
      title={title}
      words=""
      doIt={t(act === 'copy' ? 'files.copyHere' : 'files.moveHere')}
      isBusy={moving.isPending || copying.isPending}
      error={moving.error ?? copying.error}
      onYes={() => {
        if (isItself || isSame || isClosed || fault) return
        if (act === 'copy') copying.mutate(joined(to, name), { onSuccess: onClose })
        else moving.mutate(to, { onSuccess: leave })
      }}
      isImpossible={isItself || isSame || isClosed || fault !== null}
    >
      <FolderPicker root={root} path={to} onPath={setTo} />
      {act === 'copy' && <NameInput label={t('files.name')} value={name} folder={to} onChange={setName} />}
    </Ask>
  )
}
