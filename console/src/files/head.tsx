import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { shownName } from '../parts/shown-name.ts'
import { addressOf, type Place, type Root, trailOf } from './place.ts'

/** What people call a tree. */
export function useRootName(): (root: Root) => string {
  const { t } = useTranslation()
  return (root) =>
    root.kind === 'shared'
      ? t('files.shared')
      : root.kind === 'of'
        ? t('files.of', { user: root.userId })
        : t('files.own')
}

const inside = { data: '/home/jovyan/data', shared: '/home/jovyan/shared' }

/** The title of the tree, and the way from its top to here. */
export function FilesHead({ place: { root, path }, children }: { place: Place; children?: ReactNode }) {
  const { t } = useTranslation()
  const nameOfRoot = useRootName()
  const trail = trailOf(path)
  const lead =
    root.kind === 'of'
      ? t('files.ofLead', { user: root.userId })
      : t(root.kind === 'data' ? 'files.ownLead' : 'files.sharedLead', { path: inside[root.kind] })
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="flex-start">
        <Title order={2} className="foreign" lineClamp={2}>
          {nameOfRoot(root)}
        </Title>
        {children}
      </Group>
      {trail.length === 0 ? (
        <Text size="sm" c="dimmed" maw={720} className="foreign">
          {lead}
        </Text>
      ) : (
        <Breadcrumbs component="nav" aria-label={t('files.trail')} separatorMargin={6} style={{ flexWrap: 'wrap' }}>
          {[{ name: nameOfRoot(root), path: '' }, ...trail].map((step) =>
            step.path === path ? (
              <Text key={step.path} fw={600} aria-current="page" className="foreign step">
                {shownName(step.name)}
              </Text>
            ) : (
              <Anchor
                key={step.path}
                component={Link}
                href={addressOf({ root, path: step.path })}
                className="foreign step"
              >
                {shownName(step.name)}
              </Anchor>
            ),
          )}
        </Breadcrumbs>
      )}
    </Stack>
  )
}
