import { Stack, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { Moment } from '../parts/moment.tsx'
import { writeBytes, writeDuration, writeNumber } from '../words/write.ts'
import { OpenedBy } from './opened-by.tsx'
import type { Phase, Ready } from './told.ts'

const openingsShown = 5

/** `ready`: how long its last start took, if that is known. */
export function Overview({ environment, ready }: { environment: Environment; ready: Ready | null }) {
  const { t } = useTranslation()
  const { id, user_id, template, image, resources, created, started, last_activity } = environment
  const rows: [name: string, value: ReactNode][] = [
    [t('environments.template'), template],
    [t('environments.memory'), writeBytes(resources.memory_bytes)],
    [
      t('environments.cpu'),
      t('environments.cores', { count: resources.cpu_cores, shown: writeNumber(resources.cpu_cores, 1) }),
    ],
    [t('environments.created'), <Moment key="created" iso={created} />],
    [
      t('environments.started'),
      started ? <Started key="started" iso={started} ready={ready} /> : t('environments.never'),
    ],
    [t('environments.lastUsed'), last_activity ? <Moment key="used" iso={last_activity} /> : t('environments.never')],
    [t('environments.owner'), user_id],
    [t('environments.image'), image],
    [t('environments.id'), id],
  ]
  return (
    <Stack>
      <Table variant="vertical" layout="auto">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={140}>{name}</Table.Th>
              <Table.Td className="foreign">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <OpenedBy id={id} atMost={openingsShown} />
    </Stack>
  )
}

const phases: readonly Phase[] = ['queued', 'pulling', 'creating', 'starting', 'awaiting_ready']

/** When it was started, and how long that took until its server answered. */
function Started({ iso, ready }: { iso: string; ready: Ready | null }) {
  const { t } = useTranslation()
  if (!ready) return <Moment iso={iso} />
  const parts = phases.flatMap((phase) => {
    const ms = ready.phases[`${phase}_ms`]
    return ms === undefined ? [] : [`${t(`environments.phase.${phase}`)} ${writeDuration(ms)}`]
  })
  return (
    <>
      <Moment iso={iso} />, {t('environments.readyAfter', { time: writeDuration(ready.took_ms) })}
      {parts.length > 1 && (
        <Text size="sm" c="dimmed">
          {parts.join(' · ')}
        </Text>
      )}
    </>
  )
}
