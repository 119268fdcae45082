import { Group, SegmentedControl, Stack, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useMe } from '../api/me.ts'
import { useAddressQuery } from '../parts/address-query.ts'
import { LabUsageView } from './lab-usage.tsx'
import { OwnUsage } from './own-usage.tsx'

/** How much room folders take. */
export function UsagePage() {
  const { t } = useTranslation()
  const { isAdmin } = useMe()
  const [search, setSearch] = useAddressQuery()
  const isOfLab = isAdmin && search.get('of') !== 'own'
  return (
    <Stack maw={1200}>
      <Group justify="space-between">
        <Title order={2}>{t('pages.usage')}</Title>
        {isAdmin && (
          <SegmentedControl
            aria-label={t('usage.whose')}
            value={isOfLab ? 'lab' : 'own'}
            onChange={(value) => setSearch(value === 'own' ? { of: 'own' } : {})}
            data={[
              { value: 'lab', label: t('usage.lab') },
              { value: 'own', label: t('usage.own') },
            ]}
          />
        )}
      </Group>
      {isOfLab ? <LabUsageView /> : <OwnUsage />}
    </Stack>
  )
}
