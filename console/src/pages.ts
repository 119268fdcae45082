import {
  IconBox,
  IconChartTreemap,
  IconDatabase,
  IconFolder,
  IconFolders,
  IconHeartRateMonitor,
  IconHistory,
  IconPlus,
  IconProgress,
  IconStack2,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { ListPage } from './environments/list-page.tsx'
import { lazily } from './parts/lazily.ts'
import type { en } from './words/en.ts'

type Icon = typeof IconBox

export type PageEntry = {
  /** As wouter has patterns. */
  path: string
  /** The page shows all addresses below its path too. */
  below?: true
  /** The name in the menu. A page without a name is reached from another page. */
  name?: keyof (typeof en)['pages']
  /** The page from which a page without a name is reached. */
  belongsTo?: keyof (typeof en)['pages']
  icon?: Icon
  /** The people who see it in the menu. The service decides about rights. */
  who: 'anyone' | 'administrators'
  show: ComponentType
}

const page = <Module extends Record<Name, ComponentType>, Name extends string>(
  load: () => Promise<Module>,
  name: Name,
) => lazily(async (): Promise<ComponentType> => (await load())[name])

/** All pages of the console, in the order of the menu. */
export const pages: readonly PageEntry[] = [
  {
    path: '/',
    name: 'environments',
    icon: IconBox,
    who: 'anyone',
    show: ListPage, // the first page, not worth a request of its own
  },
  {
    path: '/console/create',
    name: 'create',
    icon: IconPlus,
    who: 'anyone',
    show: page(() => import('./create/create-page.tsx'), 'CreatePage'),
  },
  {
    path: '/console/environments/:id',
    belongsTo: 'environments',
    who: 'anyone',
    show: page(() => import('./environments/one-page.tsx'), 'OnePage'),
  },
  {
    path: '/console/files/data',
    below: true,
    name: 'files',
    icon: IconFolder,
    who: 'anyone',
    show: page(() => import('./files/files-page.tsx'), 'OwnFilesPage'),
  },
  {
    path: '/console/files/shared',
    below: true,
    name: 'shared',
    icon: IconFolders,
    who: 'anyone',
    show: page(() => import('./files/files-page.tsx'), 'SharedFilesPage'),
  },
  {
    path: '/console/files/of',
    belongsTo: 'files',
    below: true,
    who: 'administrators',
    show: page(() => import('./files/files-page.tsx'), 'FilesOfPage'),
  },
  {
    path: '/console/files/trash',
    belongsTo: 'files',
    below: true,
    who: 'anyone',
    show: page(() => import('./files/trash-page.tsx'), 'TrashPage'),
  },
  {
    path: '/console/datasets',
    name: 'datasets',
    icon: IconDatabase,
    who: 'anyone',
    show: page(() => import('./datasets/datasets-page.tsx'), 'DatasetsPage'),
  },
  {
    path: '/console/usage',
    name: 'usage',
    icon: IconChartTreemap,
    who: 'anyone',
    show: page(() => import('./usage/usage-page.tsx'), 'UsagePage'),
  },
  {
    path: '/console/backups',
    name: 'backups',
    icon: IconHistory,
    who: 'anyone',
    show: page(() => import('./backups/backups-page.tsx'), 'BackupsPage'),
  },
  {
    path: '/console/backups/:id',
    belongsTo: 'backups',
    who: 'anyone',
    show: page(() => import('./backups/inside-page.tsx'), 'InsidePage'),
  },
  {
    path: '/console/jobs',
    name: 'jobs',
    icon: IconProgress,
    who: 'anyone',
    show: page(() => import('./jobs/jobs-page.tsx'), 'JobsPage'),
  },
  {
    path: '/console/account',
    name: 'account',
    icon: IconUserCircle,
    who: 'anyone',
    show: page(() => import('./account/account-page.tsx'), 'AccountPage'),
  },
  {
    path: '/console/lab',
    name: 'lab',
    icon: IconHeartRateMonitor,
    who: 'administrators',
    show: page(() => import('./lab/lab-page.tsx'), 'LabPage'),
  },
  {
    path: '/console/all',
    name: 'all',
    icon: IconStack2,
    who: 'administrators',
    show: page(() => import('./all/all-page.tsx'), 'AllPage'),
  },
  {
    path: '/console/people',
    name: 'people',
    icon: IconUsers,
    who: 'administrators',
    show: page(() => import('./people/people-page.tsx'), 'PeoplePage'),
  },
  {
    path: '/console/people/:id',
    belongsTo: 'people',
    who: 'administrators',
    show: page(() => import('./people/person-page.tsx'), 'PersonPage'),
  },
]

/** The pattern of a page's addresses for wouter. Its own patterns do not match line ends, which names of files may have. */
export function patternOf({ path, below }: PageEntry): string | RegExp {
  return below ? new RegExp(`^${path}(?:/[^]*)?$`) : path
}
