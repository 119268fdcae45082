import { Box, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { signOf } from './status-words.ts'

/** The status as a coloured dot and a word. */
export function StatusSign({ environment }: { environment: Pick<Environment, 'status' | 'transition'> }) {
  const { t } = useTranslation()
  const { colour, word, moves } = signOf(environment)
  return (
    <Group gap={8} wrap="nowrap" data-status={environment.status}>
      <Box w={10} h={10} bdrs={5} bg={colour} flex="none" className={moves ? 'moving' : undefined} />
      <Text size="sm" fw={500}>
        {t(word)}
      </Text>
    </Group>
  )
}
