import { Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useEntry } from '../api/files.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { usePlace } from './address.ts'
import { FilePage } from './file-page.tsx'
import { FolderPage } from './folder-page.tsx'
import { FilesHead } from './head.tsx'
import type { Place, Root } from './place.ts'

export const OwnFilesPage = () => <FilesPage kind="data" />
export const SharedFilesPage = () => <FilesPage kind="shared" />
export const FilesOfPage = () => <FilesPage kind="of" />

function FilesPage({ kind }: { kind: Root['kind'] }) {
  const { t } = useTranslation()
  const place = usePlace(kind)
  return place ? <At place={place} /> : t('noSuchPage')
}

/** What is under a path: a folder as a list, a file with its preview. */
function At({ place }: { place: Place }) {
  const { data: entry, error, refetch } = useEntry(place)
  if (place.path === '' || entry?.kind === 'folder') return <FolderPage place={place} />
  if (entry) return <FilePage place={place} entry={entry} />
  return (
    <Stack>
      <FilesHead place={place} />
      {error ? <Problem error={error} onRetry={refetch} /> : <Loading />}
    </Stack>
  )
}
