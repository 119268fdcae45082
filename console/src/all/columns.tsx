import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Environment } from '../api/bodies.ts'
import { StatusSign } from '../environments/status-sign.tsx'
import type { Column } from '../parts/rows.tsx'
import { When } from '../parts/when.tsx'

export function useColumns(): readonly Column<Environment>[] {
  const { t, i18n } = useTranslation()
  return useMemo<Column<Environment>[]>(
    () => [
      {
        key: 'name',
        title: t('environments.name'),
        width: 13.5,
        isSortable: true,
        show: ({ id, name }) => (
          <Link href={`/console/environments/${encodeURIComponent(id)}`} className="one-line" title={name}>
            {name}
          </Link>
        ),
      },
      {
        key: 'status',
        title: t('all.status'),
        width: 9.5,
        isSortable: true,
        show: (environment) => <StatusSign environment={environment} />,
      },
      {
        key: 'person',
        title: t('all.person'),
        width: 10.5,
        isSortable: true,
        show: ({ user_id }) => (
          <Link href={`/console/people/${encodeURIComponent(user_id)}`} className="one-line" title={user_id}>
            {user_id}
          </Link>
        ),
      },
      {
        key: 'template',
        title: t('all.template'),
        width: 8,
        isSortable: true,
        show: ({ template }) => (
          <span className="one-line" title={template}>
            {template}
          </span>
        ),
      },
      {
        key: 'created',
        title: t('environments.created'),
        width: 9,
        isSortable: true,
        show: ({ created }) => <When iso={created} />,
      },
      {
        key: 'lastUsed',
        title: t('environments.lastUsed'),
        width: 8.5,
        isSortable: true,
        show: ({ last_activity }) => (last_activity ? <When iso={last_activity} /> : t('environments.never')),
      },
    ],
    [t, i18n.language],
  )
}
