import { Stack, Tabs, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useEnvironments } from '../api/environments.ts'
import { useMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { Snippet } from '../parts/snippet.tsx'
import { snippetsFor } from './snippet-texts.ts'

/** How programs reach an environment with a token. */
export function Snippets() {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const { data: environments = [] } = useEnvironments({ userId: user_id })
  const snippets = snippetsFor({ service: at('').replace(/\/$/, ''), environmentId: environments[0]?.id ?? '<id>' })
  return (
    <Stack gap="sm" component="section">
      <Title order={3}>{t('account.snippets')}</Title>
      <Tabs defaultValue="curl">
        <Tabs.List>
          {snippets.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map(({ name, lead, text }) => (
          <Tabs.Panel key={name} value={name} pt="sm">
            <Text mb="xs">{t(lead)}</Text>
            <Snippet label={name}>{text}</Snippet>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  )
}
