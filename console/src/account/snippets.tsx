import { Select, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { useEnvironments } from '../api/environments.ts'
import { useMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { SnippetTabs } from './snippet-tabs.tsx'
import { snippetsInto, snippetsOfApi } from './snippet-texts.ts'

/** How programs use a token: with the API, and in one of the person's environments. */
export function Snippets() {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const { data: environments = [] } = useEnvironments({ userId: user_id })
  const service = at('').replace(/\/$/, '')
  return (
    <Stack gap="xl">
      <Stack gap="sm" component="section">
        <Title order={3}>{t('snippets.title')}</Title>
        <SnippetTabs
          snippets={snippetsOfApi({ service, environmentId: environments[0]?.id ?? '<id>' })}
          label={t('snippets.title')}
        />
      </Stack>
      <Stack gap="sm" component="section">
        <Title order={3}>{t('snippets.into')}</Title>
        <Into environments={environments} />
      </Stack>
    </Stack>
  )
}

function Into({ environments }: { environments: readonly Environment[] }) {
  const { t } = useTranslation()
  const [picked, setPicked] = useState<string | null>(null)
  const chosen = environments.find(({ id }) => id === picked) ?? environments[0]
  if (!chosen) return <Text>{t('snippets.noEnvironment')}</Text>
  return (
    <>
      {environments.length > 1 && (
        <Select
          label={t('snippets.environment')}
          data={environments.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen.id}
          onChange={setPicked}
          allowDeselect={false}
          maw={420}
        />
      )}
      <IntoOne key={chosen.id} environment={chosen} />
    </>
  )
}

/** How programs reach the server inside an environment. */
export function IntoOne({ environment }: { environment: Environment }) {
  const { t } = useTranslation()
  const snippets = snippetsInto(environment)
  if (snippets.length === 0) return <Text>{t('snippets.noAddress')}</Text>
  return <SnippetTabs snippets={snippets} label={t('snippets.into')} />
}
