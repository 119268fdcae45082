import { Anchor, Stack, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { PlaceUsage } from '../api/bodies.ts'
import { useMe } from '../api/me.ts'
import { browserOf } from '../parts/file-links.ts'
import { WideTable } from '../parts/wide-table.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { foldersAsTree, isRest, nameOfTile } from './parts-of.ts'
import { Treemap } from './treemap-view.tsx'

type Place = Pick<PlaceUsage, 'path' | 'bytes' | 'files' | 'biggest_folders'>

/** The biggest folders of a place: as a picture, and as a list. */
export function Folders({ place, order = 3 }: { place: Place; order?: 3 | 4 }) {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const { path: root, bytes, biggest_folders: folders } = place
  const sizes = new Map(folders.map((each) => [each.path, each.bytes]))
  const nodes = foldersAsTree(bytes, folders)
  const restBytes = new Map(restsOf(nodes))
  const hrefOf = (path: string) => browserOf(`${root}/${path}`, user_id) ?? undefined
  if (folders.length === 0) return <Text c="dimmed">{t('usage.noFolders')}</Text>
  return (
    <Stack component="section" gap="sm">
      <Title order={order}>{t('usage.biggest')}</Title>
      <Treemap
        nodes={nodes}
        label={t('usage.picture')}
        show={(id) =>
          isRest(id)
            ? { label: t('usage.rest'), size: writeBytes(restBytes.get(id) ?? 0), hue: 'rest' }
            : { label: nameOfTile(id, folders), size: writeBytes(sizes.get(id) ?? 0), hue: 'blue', href: hrefOf(id) }
        }
      />
      <WideTable minWidth={420} label={t('usage.biggest')}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('usage.folder')}</Table.Th>
              <Table.Th ta="right">{t('usage.onDisk')}</Table.Th>
              <Table.Th ta="right">{t('usage.share')}</Table.Th>
              <Table.Th ta="right">{t('usage.files')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {folders.map((each) => (
              <Table.Tr key={each.path}>
                <Table.Td className="foreign">
                  <Name path={each.path} href={hrefOf(each.path)} />
                </Table.Td>
                <Table.Td ta="right">{writeBytes(each.bytes)}</Table.Td>
                <Table.Td ta="right">{writeNumber((100 * each.bytes) / Math.max(1, bytes), 0)} %</Table.Td>
                <Table.Td ta="right">{writeNumber(each.files)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      <Text size="sm" c="dimmed">
        {t('usage.foldersWords')}
      </Text>
    </Stack>
  )
}

function Name({ path, href }: { path: string; href: string | undefined }) {
  return href ? (
    <Anchor component={Link} href={href} inherit>
      {path}
    </Anchor>
  ) : (
    path
  )
}

type Nodes = ReturnType<typeof foldersAsTree>

function restsOf(nodes: Nodes): [id: string, bytes: number][] {
  return nodes.flatMap(({ id, value, children }) => [
    ...(isRest(id) ? ([[id, value]] as [string, number][]) : []),
    ...restsOf([...(children ?? [])]),
  ])
}
