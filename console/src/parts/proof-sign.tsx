import { Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconHelp, IconShieldCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

type Status = 'proven' | 'unproven' | 'unverifiable' | 'unknown' | 'degraded'

const signs = {
  proven: { Icon: IconShieldCheck, colour: 'light-dark(var(--mantine-color-green-8), var(--mantine-color-green-4))' },
  degraded: {
    Icon: IconAlertTriangle,
    colour: 'var(--of-warning)',
  },
  unproven: { Icon: IconAlertTriangle, colour: 'light-dark(var(--mantine-color-red-8), var(--mantine-color-red-4))' },
  unverifiable: { Icon: IconHelp, colour: 'var(--mantine-color-dimmed)' },
  unknown: { Icon: IconHelp, colour: 'var(--mantine-color-dimmed)' },
} as const

/** Shows the state of the proof, or of one of its parts, as a sign and a word. */
export function ProofSign({ status, label }: { status: Status; label?: string }) {
  const { t } = useTranslation()
  const { Icon, colour } = signs[status]
  const words = t(`proof.${status}`)
  return (
    <Group gap={6} wrap="nowrap" data-proof={status}>
      <Icon size={18} color={colour} aria-hidden />
      <Text size="sm">{label ? `${label}: ${words}` : words}</Text>
    </Group>
  )
}
