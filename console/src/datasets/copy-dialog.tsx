import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Dataset } from '../api/bodies.ts'
import { part } from '../api/call.ts'
import { useBegin } from '../api/jobs.ts'
import { Ask } from '../parts/ask.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { writeBytes } from '../words/write.ts'

/** Asks where to copy a dataset to, in one's own data. */
export function CopyDialog({
  dataset: { name, title, size_bytes },
  onClose,
}: {
  dataset: Dataset
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [to, setTo] = useState(`datasets/${name}`)
  const begin = useAskedCall(useBegin())
  const copy = () =>
    begin.mutate({ path: `shared/datasets/${part(name)}/copy`, body: { to: to.trim() } }, { onSuccess: onClose })
  return (
    <Ask
      onClose={onClose}
      title={t('datasets.copyTitle', { name: title ?? name })}
      words={t('datasets.copyWords')}
      doIt={t('datasets.copyNow')}
      isBusy={begin.isPending}
      error={begin.error}
      onYes={copy}
    >
      <TextInput
        label={t('datasets.copyTo')}
        description={size_bytes === null ? undefined : t('datasets.copyTakes', { bytes: writeBytes(size_bytes) })}
        value={to}
        onChange={({ currentTarget }) => setTo(currentTarget.value)}
        required
        maxLength={4000}
      />
    </Ask>
  )
}
