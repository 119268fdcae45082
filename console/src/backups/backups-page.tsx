import { Stack, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useMe } from '../api/me.ts'
import { LabBackups } from './lab-backups.tsx'
import { OwnBackups } from './own-backups.tsx'

/** The backups: of the lab for administrators, of one's own folder for everybody else. */
export function BackupsPage() {
  const { t } = useTranslation()
  const { isAdmin } = useMe()
  return (
    <Stack maw={1100}>
      <Title order={2}>{t('pages.backups')}</Title>
      {isAdmin ? <LabBackups /> : <OwnBackups />}
    </Stack>
  )
}
