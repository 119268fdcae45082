import { Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useEntry } from '../api/files.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { shownOf } from '../parts/shown.ts'
import { usePlace } from './address.ts'
import { FilePage } from './file-page.tsx'
import { FolderPage } from './folder-page.tsx'
import { FilesHead } from './head.tsx'
import { type Place, type Root, rootKey } from './place.ts'

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
  const { isData, isProblem } = shownOf({ data: entry, error })
  // What was chosen or asked in one folder is not meant for another one.
  const key = `${rootKey(place.root)} ${place.path}`
  if (place.path === '' || (isData && entry?.kind === 'folder')) return <FolderPage key={key} place={place} />
  if (isData && entry)
    return (
      <Stack>
        {isProblem && <Problem error={error} onRetry={refetch} />}
        <FilePage key={key} place={place} entry={entry} />
      </Stack>
    )
  return (
    <Stack>
      <FilesHead place={place} />
      {error ? <Problem error={error} onRetry={refetch} /> : <Loading />}
    </Stack>
  )
}
