import { Anchor, Breadcrumbs, Button, Group, NavLink, ScrollArea, Stack, Text } from '@mantine/core'
import { IconFolderFilled } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFolder } from '../api/files.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { useRootName } from './head.tsx'
import { type Root, trailOf } from './place.ts'

/** Goes through the folders of a tree; the one that is open is the chosen one. */
export function FolderPicker({ root, path, onPath }: { root: Root; path: string; onPath: (path: string) => void }) {
  const { t } = useTranslation()
  const nameOfRoot = useRootName()
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useFolder(
    { root, path },
    'name',
  )
  const folders =
    data?.pages.flatMap(({ items }) => items.filter(({ kind, exact }) => kind === 'folder' && exact)) ?? []
  return (
    <Stack gap="xs" mb="md">
      <Text size="sm" fw={500} component="div">
        {t('files.into')}
        <Breadcrumbs separatorMargin={6} style={{ flexWrap: 'wrap' }} data-chosen-folder={path}>
          {[{ name: nameOfRoot(root), path: '' }, ...trailOf(path)].map((step) => (
            <Anchor
              key={step.path}
              component="button"
              type="button"
              size="sm"
              className="foreign step"
              onClick={() => onPath(step.path)}
            >
              {step.name}
            </Anchor>
          ))}
        </Breadcrumbs>
      </Text>
      <ScrollArea.Autosize mah={240} type="auto" className="framed">
        {isPending && <Loading />}
        {error && <Problem error={error} onRetry={refetch} />}
        {data && folders.length === 0 && !hasNextPage && (
          <Text size="sm" c="dimmed" p="sm">
            {t('files.noFolders')}
          </Text>
        )}
        {folders.map((folder) => (
          <NavLink
            key={folder.path}
            component="button"
            type="button"
            className="foreign"
            label={folder.name}
            leftSection={<IconFolderFilled size={18} color="var(--mantine-color-blue-5)" aria-hidden />}
            onClick={() => onPath(folder.path)}
          />
        ))}
        {hasNextPage && (
          <Group justify="center" p="xs">
            <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
              {t('files.showMore')}
            </Button>
          </Group>
        )}
      </ScrollArea.Autosize>
    </Stack>
  )
}
