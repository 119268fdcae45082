import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight'
import { IconBox, IconSearch } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useEnvironments } from '../api/environments.ts'
import { useMe } from '../api/me.ts'
import type { PageEntry } from '../pages.ts'

export const openPalette = spotlight.open

/** Goes to any page or environment from the keyboard (Ctrl-K). */
export function Palette({ pages }: { pages: readonly PageEntry[] }) {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const { user_id } = useMe()
  const { data: environments = [] } = useEnvironments({ userId: user_id })

  const toPages = pages.flatMap(({ path, name, icon: Icon }) =>
    name
      ? [{ id: path, label: t(`pages.${name}`), onClick: () => go(path), leftSection: Icon && <Icon size={20} /> }]
      : [],
  )
  const toEnvironments = environments.map(({ id, name, status }) => ({
    id,
    label: name,
    description: `${t(`status.${status}`)} · ${id}`,
    onClick: () => go(`/console/environments/${encodeURIComponent(id)}`),
    leftSection: <IconBox size={20} />,
  }))
  const groups: SpotlightActionGroupData[] = [
    { group: t('menu'), actions: toPages },
    { group: t('pages.environments'), actions: toEnvironments },
  ]
  return (
    <Spotlight
      actions={groups}
      shortcut={['mod + K', '/']}
      limit={12}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound={t('nothingFound')}
      searchProps={{ placeholder: t('searchHint'), 'aria-label': t('search'), leftSection: <IconSearch size={18} /> }}
    />
  )
}
