import { Group, List, Text } from '@mantine/core'
import { IconAlertTriangle, IconShieldCheck, IconShieldQuestion } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Folded } from '../parts/folded.tsx'
import { Moment } from '../parts/moment.tsx'
import { writeNumber } from '../words/write.ts'
import type { Verified } from './dataset-state.ts'

const good = 'light-dark(var(--mantine-color-green-8), var(--mantine-color-green-4))'
const bad = 'light-dark(var(--mantine-color-red-8), var(--mantine-color-red-4))'
const unknown = 'var(--mantine-color-dimmed)'

/** Whether the files are those that were published. */
export function VerifiedSign({ verified, checksums }: { verified: Verified; checksums: number }) {
  const { t } = useTranslation()
  switch (verified.kind) {
    case 'no-checksums':
      return <Sign icon={<IconShieldQuestion size={18} color={unknown} />}>{t('datasets.noChecksums')}</Sign>
    case 'never':
      return (
        <Sign icon={<IconShieldQuestion size={18} color={unknown} />}>
          {t('datasets.notVerified', { count: checksums, shown: writeNumber(checksums) })}
        </Sign>
      )
    case 'verified':
      return (
        <Sign icon={<IconShieldCheck size={18} color={good} />}>
          {t('datasets.verified', { count: verified.files, shown: writeNumber(verified.files) })}{' '}
          <Moment iso={verified.at} />
        </Sign>
      )
    case 'changed-since':
      return (
        <Sign icon={<IconShieldQuestion size={18} color={unknown} />}>
          {t('datasets.changedSince')} <Moment iso={verified.at} />
        </Sign>
      )
    case 'otherwise': {
      const { differ, missing, examples } = verified
      return (
        <>
          <Sign icon={<IconAlertTriangle size={18} color={bad} />}>
            {t('datasets.otherwise', {
              differ: t('datasets.differ', { count: differ }),
              missing: t('datasets.missing', { count: missing }),
            })}{' '}
            <Moment iso={verified.at} />
          </Sign>
          <Folded height={60}>
            <List size="sm" className="foreign">
              {examples.map((path) => (
                <List.Item key={path}>{path}</List.Item>
              ))}
            </List>
          </Folded>
        </>
      )
    }
  }
}

function Sign({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <span aria-hidden style={{ lineHeight: 0, paddingTop: 2 }}>
        {icon}
      </span>
      <Text size="sm">{children}</Text>
    </Group>
  )
}
