import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { useAct, useRename } from '../api/environments.ts'
import { Ask } from '../parts/ask.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import type { Open } from './asked.ts'

/** The question before an act. */
export function AskAct({
  environment: { id, name },
  open,
  onClose,
}: {
  environment: Environment
  open: NonNullable<Open>
  onClose: () => void
}) {
  const { t } = useTranslation()
  const act = useAskedCall(useAct())
  const rename = useAskedCall(useRename())
  const [isLatest, setLatest] = useState(false)
  const [next, setNext] = useState<string | null>(null)

  if (open === 'rename') {
    const value = next ?? name
    return (
      <Ask
        onClose={onClose}
        title={t('environments.renameTitle', { name })}
        words=""
        doIt={t('save')}
        isBusy={rename.isPending}
        error={rename.error}
        onYes={() => rename.mutate({ id, name: value }, { onSuccess: onClose })}
      >
        <TextInput
          label={t('environments.name')}
          value={value}
          onChange={({ currentTarget }) => setNext(currentTarget.value)}
          data-autofocus
        />
      </Ask>
    )
  }
  const own = '/home/jovyan/data'
  return (
    <Ask
      onClose={onClose}
      title={t(`environments.${open}Title`, { name })}
      words={t(`environments.${open}Words`, { own })}
      doIt={t(`act.${open}`)}
      isDangerous={open === 'delete'}
      isBusy={act.isPending}
      error={act.error}
      onYes={() =>
        act.mutate(
          { id, act: open, ...(open === 'recreate' && isLatest && { body: { image: 'latest' } }) },
          { onSuccess: onClose },
        )
      }
    >
      {open === 'recreate' && (
        // The browser's own: Mantine's would make the first load of the console 6 kB longer.
        <label className="choice">
          <input
            type="checkbox"
            checked={isLatest}
            onChange={({ currentTarget }) => setLatest(currentTarget.checked)}
          />
          {t('environments.recreateLatest')}
        </label>
      )}
    </Ask>
  )
}
