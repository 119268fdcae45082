import { Stack, Table } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { Moment } from '../parts/moment.tsx'
import { writeBytes } from '../words/write.ts'
import { OpenedBy } from './opened-by.tsx'

const openingsShown = 5

export function Overview({ environment }: { environment: Environment }) {
  const { t } = useTranslation()
  const { id, user_id, template, image, resources, created, started, last_activity } = environment
  const rows: [name: string, value: ReactNode][] = [
    [t('environments.template'), template],
    [t('environments.memory'), writeBytes(resources.memory_bytes)],
    [t('environments.cpu'), t('environments.cores', { count: resources.cpu_cores })],
    [t('environments.created'), <Moment key="created" iso={created} />],
    [t('environments.started'), started ? <Moment key="started" iso={started} /> : t('environments.never')],
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
