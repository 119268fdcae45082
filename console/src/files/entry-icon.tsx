import {
  IconDatabase,
  IconDeviceFloppy,
  IconFile,
  IconFileText,
  IconFileZip,
  IconFolderFilled,
  IconLink,
  IconNotebook,
  IconPhoto,
  IconPlug,
  IconTable,
  IconTransfer,
} from '@tabler/icons-react'
import type { Entry } from '../api/bodies.ts'
import { type Preview, previewOf } from '../previews/preview-of.ts'

const ofKinds: Record<Exclude<Entry['kind'], 'file'>, typeof IconFile> = {
  folder: IconFolderFilled,
  link: IconLink,
  pipe: IconTransfer,
  socket: IconPlug,
  device: IconDeviceFloppy,
}
const ofPreviews: Record<Preview, typeof IconFile> = {
  text: IconFileText,
  image: IconPhoto,
  notebook: IconNotebook,
  csv: IconTable,
  parquet: IconDatabase,
  none: IconFile,
}
const archives = /\.(zip|tar|gz|tgz|bz2|xz|zst|7z|rar)$/i

export function EntryIcon({
  entry: { kind, name },
  size = 20,
}: {
  entry: Pick<Entry, 'kind' | 'name'>
  size?: number
}) {
  const Icon = kind !== 'file' ? ofKinds[kind] : archives.test(name) ? IconFileZip : ofPreviews[previewOf(name)]
  const colour =
    kind === 'folder'
      ? 'light-dark(var(--mantine-color-blue-5), var(--mantine-color-blue-4))'
      : 'var(--mantine-color-dimmed)'
  return <Icon size={size} stroke={1.5} color={colour} aria-hidden style={{ flex: 'none' }} />
}
