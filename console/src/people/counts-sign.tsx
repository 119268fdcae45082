import { Box, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { writeNumber } from '../words/write.ts'
import type { Counts } from './counts.ts'

/** How many environments a person has, and how many of them run or failed; leads to them. */
export function CountsSign({ userId, counts }: { userId: string; counts: Counts | null }) {
  const { t } = useTranslation()
  if (!counts) return <Text c="dimmed">…</Text>
  if (counts.all === 0) return <Text size="sm">{t('none')}</Text>
  const parts = [
    { count: counts.running, colour: 'green.7', words: t('people.running', { count: counts.running }) },
    { count: counts.failed, colour: 'red.7', words: t('people.failed', { count: counts.failed }) },
  ].filter(({ count }) => count > 0)
  return (
    <Group gap="sm" wrap="nowrap">
      <Link href={`/console/all?person=${encodeURIComponent(userId)}`}>{writeNumber(counts.all)}</Link>
      {parts.map(({ count, colour, words }) => (
        <Group key={colour} gap={6} wrap="nowrap" title={words}>
          <Box w={10} h={10} bdrs={5} bg={colour} flex="none" role="img" aria-label={words} />
          <span aria-hidden>{writeNumber(count)}</span>
        </Group>
      ))}
    </Group>
  )
}
