import { Alert, Button, Group, Text, VisuallyHidden } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { useAct } from '../api/environments.ts'
import { Moment } from '../parts/moment.tsx'
import { useNow } from '../parts/now.ts'
import { ServiceWords } from '../parts/service-words.tsx'
import { tellOfProblem } from '../parts/tell.tsx'
import { writeTimeOfDay } from '../words/write.ts'
import { type Coming, mayKeepGoing, nextComing } from './coming.ts'

type Props = { environment: Environment; comings: readonly Coming[] }

/** Says before the platform pauses or stops it. If use puts that off, a button begins the time anew. */
export function Warning({ environment: { id, last_activity }, comings }: Props) {
  const { t } = useTranslation()
  // The one of which the person has said that the environment is to go on.
  const [answered, setAnswered] = useState<Coming | null>(null)
  const nowMs = useNow(1_000)
  const coming = nextComing(comings, { answered, lastActivity: last_activity, nowMs })
  const action = coming && t(`environments.warned.${coming.action}`)
  return (
    <>
      {/* Always there, with a time that stands still: only what changes in it is read out. */}
      <VisuallyHidden role="status">
        {coming && t('environments.warningAt', { action, time: writeTimeOfDay(coming.at) })}
      </VisuallyHidden>
      {coming && (
        <Alert color="yellow" variant="outline" role="note">
          <Group justify="space-between">
            <div>
              <Text fw={600}>
                {t('environments.warning', { action })} <Moment iso={coming.at} intervalMs={1_000} />
              </Text>
              <Text size="sm">
                <ServiceWords>{coming.reason}</ServiceWords>
              </Text>
            </div>
            {mayKeepGoing(coming) && <KeepGoing id={id} onDone={() => setAnswered(coming)} />}
          </Group>
        </Alert>
      )}
    </>
  )
}

function KeepGoing({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation()
  const act = useAct()
  const keepGoing = () =>
    act.mutate({ id, act: 'start' }, { onSuccess: onDone, onError: (error) => tellOfProblem(error) })
  return (
    <Button size="xs" variant="default" loading={act.isPending} onClick={keepGoing}>
      {t('act.keepGoing')}
    </Button>
  )
}
