import { Radio, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Asks where restored entries go. */
export function WhereTo({
  inPlace,
  onChange,
  newFolder,
}: {
  inPlace: boolean
  onChange: (inPlace: boolean) => void
  /** Null: only in place is allowed. */
  newFolder: string | null
}) {
  const { t } = useTranslation()
  return (
    <Radio.Group
      label={t('backups.where')}
      value={inPlace ? 'in-place' : 'beside'}
      onChange={(value) => onChange(value === 'in-place')}
    >
      <Stack gap="sm" mt="xs">
        {newFolder !== null && (
          <Radio
            value="beside"
            label={t('backups.beside')}
            description={<span className="foreign">{t('backups.besideWords', { folder: newFolder })}</span>}
          />
        )}
        <Radio value="in-place" label={t('backups.inPlace')} description={t('backups.inPlaceWords')} />
      </Stack>
    </Radio.Group>
  )
}
