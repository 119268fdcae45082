import { Checkbox, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { User } from '../api/bodies.ts'
import { type RemovalChoice, useRemovePerson } from '../api/people.ts'
import { Ask } from '../parts/ask.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'

const folderChoices = ['keep', 'trash'] as const

/** Asks what becomes of a person's environments and folder, and removes the person. `environments`: how many they have; null if that is not known. */
export function RemovePerson({
  user,
  environments,
  onClose,
  onGone,
}: {
  user: User
  environments: number | null
  onClose: () => void
  onGone: (() => void) | undefined
}) {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const [choice, setChoice] = useState<RemovalChoice>({ environments: 'keep', folder: 'keep' })
  const remove = useAskedCall(useRemovePerson())
  const isLong = choice.environments === 'delete' || choice.folder === 'trash'
  return (
    <Ask
      onClose={onClose}
      title={t('people.deleteTitle', { user: user.id })}
      words={t('people.deleteWords')}
      doIt={t('people.act.delete')}
      isDangerous
      isBusy={remove.isPending}
      isImpossible={environments !== null && environments > 0 && choice.environments === 'keep'}
      error={remove.error}
      onYes={() =>
        remove.mutate(
          { id: user.id, choice },
          {
            onSuccess: (job) => {
              onClose()
              if (job) go('/console/jobs')
              else onGone?.()
            },
          },
        )
      }
    >
      <Stack>
        {environments !== 0 && (
          <Checkbox
            label={
              environments === null
                ? t('people.deleteAnyEnvironments')
                : t('people.deleteEnvironments', { count: environments })
            }
            description={t('people.deleteEnvironmentsWords')}
            checked={choice.environments === 'delete'}
            onChange={({ currentTarget }) =>
              setChoice({ ...choice, environments: currentTarget.checked ? 'delete' : 'keep' })
            }
          />
        )}
        <Radio.Group
          label={t('people.folder')}
          value={choice.folder}
          onChange={(folder) => setChoice({ ...choice, folder: folder === 'trash' ? 'trash' : 'keep' })}
        >
          <Stack gap="sm" mt="xs">
            {folderChoices.map((folder) => (
              <Radio
                key={folder}
                value={folder}
                label={t(`people.folderChoice.${folder}`)}
                description={t(`people.folderWords.${folder}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {isLong && <Text>{t('people.deleteTakes')}</Text>}
      </Stack>
    </Ask>
  )
}
