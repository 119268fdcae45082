import { Alert, Button, Group, Text, VisuallyHidden } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Environment } from '../api/bodies.ts'
import { useMe } from '../api/me.ts'
import { useTemplates } from '../api/templates.ts'
import { Moment } from '../parts/moment.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { withQuery } from '../parts/with-query.ts'
import { writeBytes, writeTimeOfDay } from '../words/write.ts'
import type { Kill } from './told.ts'

type Props = {
  environment: Environment
  /** The last one is the newest. */
  kills: readonly Kill[]
  last: Kill
  onLook: () => void
}

/** Says that memory ran out in the environment, and the way to more. */
export function MemoryAlert({ environment, kills, last, onLook }: Props) {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const isOwn = environment.user_id === user_id
  return (
    <Alert
      color="red"
      variant="outline"
      icon={<IconAlertTriangle />}
      role="note"
      title={
        <>
          {t('environments.memoryOut')} <Moment iso={last.at} />
        </>
      }
    >
      <Text>{t('environments.memoryKilled', { limit: writeBytes(last.limit_bytes) })}</Text>
      {kills.length > 1 && <Text>{t('environments.memoryTimes', { count: kills.length })}</Text>}
      {isOwn ? (
        <WayToMore environment={environment} limitBytes={last.limit_bytes} onLook={onLook} />
      ) : (
        <Text>
          <ServiceWords>{last.reason}</ServiceWords>
        </Text>
      )}
    </Alert>
  )
}

/** Tells readers of the screen. Always there, with a time that stands still: only what changes in it is read out. */
export function MemoryNews({ kill }: { kill: Kill | undefined }) {
  const { t } = useTranslation()
  return (
    <VisuallyHidden role="status">
      {kill && t('environments.memoryOutAt', { time: writeTimeOfDay(kill.at) })}
    </VisuallyHidden>
  )
}

/** The tier says whether another environment can have more. */
function WayToMore({
  environment: { template },
  limitBytes,
  onLook,
}: {
  environment: Environment
  limitBytes: number
  onLook: () => void
}) {
  const { t } = useTranslation()
  const { data } = useTemplates()
  const mostBytes = data?.limits.memory_bytes
  const isMore = mostBytes !== undefined && mostBytes > limitBytes
  return (
    <>
      {mostBytes !== undefined && (
        <Text>
          {isMore ? t('environments.memoryMore', { most: writeBytes(mostBytes) }) : t('environments.memoryMost')}
        </Text>
      )}
      <Group mt="sm" gap="sm">
        <Button size="xs" variant="default" onClick={onLook}>
          {t('environments.memoryLook')}
        </Button>
        {isMore && (
          <Button
            size="xs"
            variant="default"
            component={Link}
            href={withQuery('/console/create', { template, memory: String(Math.min(2 * limitBytes, mostBytes)) })}
          >
            {t('environments.memoryMake')}
          </Button>
        )}
      </Group>
    </>
  )
}
