import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBegin } from '../api/jobs.ts'
import { Ask } from '../parts/ask.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { type Asked, callsFor } from './inside.ts'
import { WhereTo } from './where-to.tsx'

/** Asks where to restore a file, a folder or everything, and begins it. */
export function RestoreDialog({
  backup,
  asked,
  path,
  name,
  onClose,
}: {
  backup: string
  asked: Asked
  path: string
  name: string
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [inPlace, setInPlace] = useState(false)
  const begin = useAskedCall(useBegin())
  const { restore } = callsFor(backup, asked)
  return (
    <Ask
      onClose={onClose}
      title={t('backups.restoreTitle', { what: name })}
      words={path === '' ? t('backups.restoreAllWords') : ''}
      doIt={t('backups.restore')}
      isBusy={begin.isPending}
      error={begin.error}
      onYes={() =>
        begin.mutate({ path: restore.path, body: { ...restore.body, path, in_place: inPlace } }, { onSuccess: onClose })
      }
    >
      <WhereTo inPlace={inPlace} onChange={setInPlace} newFolder={`restored-${backup}`} />
    </Ask>
  )
}
