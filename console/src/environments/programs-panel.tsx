import { Anchor, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { IntoOne } from '../account/snippets.tsx'
import type { Environment } from '../api/bodies.ts'

/** How programs reach the environment. */
export function ProgramsPanel({ environment }: { environment: Environment }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <Text>
        {t('environments.programsLead')}{' '}
        <Anchor component={Link} href="/console/account">
          {t('account.makeToken')}
        </Anchor>
      </Text>
      <IntoOne environment={environment} />
    </Stack>
  )
}
