import { Menu } from '@mantine/core'
import { IconArrowsMove, IconCopy, IconDownload, IconFileZip, IconPencil, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/bodies.ts'
import { at } from '../api/place.ts'
import type { Asked } from './ask-entries.tsx'
import { type EntryAct, offeredTo } from './list-state.ts'
import { apiPathOf, type Place, type Root } from './place.ts'
import { useDelete } from './use-delete.tsx'

const icons: Record<EntryAct, typeof IconTrash> = {
  download: IconDownload,
  zip: IconFileZip,
  rename: IconPencil,
  move: IconArrowsMove,
  copy: IconCopy,
  delete: IconTrash,
}

export const downloadOf = (place: Place) => at(`api/${apiPathOf(place)}`)
export const zipOf = (place: Place) => `${downloadOf(place)}?as=zip`

type Props = {
  root: Root
  entry: Entry
  /** Whether the person may change the folder that it is in. */
  isChangeable: boolean
  onAsk: (asked: Asked) => void
  onGone?: () => void
  children: ReactNode
}

/** The menu of one entry; its child is the button that opens it. */
export function EntryActs({ root, entry, isChangeable, onAsk, onGone, children }: Props) {
  const { t } = useTranslation()
  const [remove, isBusy] = useDelete(root)
  return (
    <Menu position="bottom-end" withinPortal>
      {children}
      <Menu.Dropdown>
        {offeredTo(isChangeable, entry).map((act) => {
          const Icon = icons[act]
          const common = { leftSection: <Icon size={16} />, children: t(`files.${act}`) }
          const place = { root, path: entry.path }
          if (act === 'download')
            return <Menu.Item key={act} component="a" href={downloadOf(place)} download {...common} />
          if (act === 'zip') return <Menu.Item key={act} component="a" href={zipOf(place)} download {...common} />
          if (act === 'delete')
            return (
              <Menu.Item
                key={act}
                color="var(--mantine-color-error)"
                disabled={isBusy}
                onClick={() => remove([entry], onGone)}
                {...common}
              />
            )
          return <Menu.Item key={act} onClick={() => onAsk({ act, entries: [entry] })} {...common} />
        })}
      </Menu.Dropdown>
    </Menu>
  )
}
