import { Center, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import type { IconBox } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Fills a page that has no content yet with the first step: a title, words and, as `children`, a button. */
export function Empty({
  icon: Icon,
  title,
  words,
  children,
}: {
  icon: typeof IconBox
  title: string
  words: string
  children?: ReactNode
}) {
  return (
    <Center py="xl">
      <Stack align="center" maw={520} ta="center">
        <ThemeIcon size={64} radius="xl" variant="light">
          <Icon size={36} stroke={1.4} />
        </ThemeIcon>
        <Title order={3}>{title}</Title>
        <Text>{words}</Text>
        {children}
      </Stack>
    </Center>
  )
}
