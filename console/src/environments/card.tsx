import { Card, Group, Stack, Text } from '@mantine/core'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Environment } from '../api/bodies.ts'
import { Moment } from '../parts/moment.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { Acts } from './acts.tsx'
import { OpenedBy } from './opened-by.tsx'
import { FollowedProgress } from './progress.tsx'
import { StatusSign } from './status-sign.tsx'

type CardProps = {
  environment: Environment
  /** Its progress is shown too, by a stream of its own. */
  isFollowed: boolean
}

/** One environment among others. It is drawn anew only when it has changed itself. */
export const EnvironmentCard = memo(function EnvironmentCard({ environment, isFollowed }: CardProps) {
  const { t } = useTranslation()
  const { id, name, template, status_reason, last_activity } = environment
  return (
    <Card withBorder component="article" aria-label={name} data-environment={id}>
      <Stack gap="xs" h="100%">
        <StatusSign environment={environment} />
        <Text component="h3" fw={600} size="lg" lineClamp={2} className="foreign">
          <Link href={`/console/environments/${encodeURIComponent(id)}`} className="plain-link">
            {name}
          </Link>
        </Text>
        <Text size="sm" c="dimmed" className="foreign">
          {template}
          {last_activity && (
            <>
              {' · '}
              {t('environments.lastUsed')} <Moment iso={last_activity} />
            </>
          )}
        </Text>
        {status_reason && (
          <Text size="sm" lineClamp={4}>
            <ServiceWords>{status_reason}</ServiceWords>
          </Text>
        )}
        {isFollowed && <FollowedProgress id={id} />}
        <OpenedBy id={id} atMost={1} />
        <Group mt="auto" pt="xs">
          <Acts environment={environment} isCompact />
        </Group>
      </Stack>
    </Card>
  )
})
