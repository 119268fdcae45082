import { Tabs, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Snippet } from '../parts/snippet.tsx'
import type { SnippetText } from './snippet-texts.ts'

/** Snippets of which one is shown at a time. */
export function SnippetTabs({ snippets, label }: { snippets: readonly SnippetText[]; label: string }) {
  const { t } = useTranslation()
  return (
    <Tabs defaultValue={snippets[0]?.lead ?? null}>
      <Tabs.List aria-label={label}>
        {/* The values become ids, which have no spaces. */}
        {snippets.map(({ name, lead }) => (
          <Tabs.Tab key={lead} value={lead}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {snippets.map(({ name, lead, text }) => (
        <Tabs.Panel key={lead} value={lead} pt="sm">
          <Text mb="xs">{t(lead)}</Text>
          <Snippet label={name}>{text}</Snippet>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
