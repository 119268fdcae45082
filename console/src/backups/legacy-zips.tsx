import { Button, Select, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLegacyBackups } from '../api/backups.ts'
import type { LegacyBackup, User } from '../api/bodies.ts'
import { callForAll, part } from '../api/call.ts'
import { useBegin } from '../api/jobs.ts'
import { Ask } from '../parts/ask.tsx'
import { Moment } from '../parts/moment.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { WideTable } from '../parts/wide-table.tsx'
import { writeBytes } from '../words/write.ts'
import { ownersOf } from './legacy-owner.ts'
import { WhereTo } from './where-to.tsx'

/** The zip files of the earlier platform; nothing if there are none. */
export function LegacyZips() {
  const { t } = useTranslation()
  const { data } = useLegacyBackups()
  const [chosen, setChosen] = useState<LegacyBackup | null>(null)
  if (!data || data.items.length === 0) return null
  return (
    <Stack component="section" gap="sm">
      <Title order={3}>{t('backups.zips')}</Title>
      <Text>{t('backups.zipsLead')}</Text>
      <WideTable minWidth={560} label={t('backups.zips')}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('backups.zip')}</Table.Th>
              <Table.Th>{t('backups.zipOf')}</Table.Th>
              <Table.Th>{t('backups.made')}</Table.Th>
              <Table.Th ta="right">{t('backups.size')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('backups.restore')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map((zip) => (
              <Table.Tr key={zip.name}>
                <Table.Td className="foreign">{zip.name}</Table.Td>
                <Table.Td className="foreign">{zip.legacy_user}</Table.Td>
                <Table.Td>
                  <Moment iso={zip.made} />
                </Table.Td>
                <Table.Td ta="right">{writeBytes(zip.size_bytes)}</Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={`${t('backups.restore')}: ${zip.name}`}
                    onClick={() => setChosen(zip)}
                  >
                    {t('backups.restore')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      {chosen && <RestoreZip key={chosen.name} zip={chosen} onClose={() => setChosen(null)} />}
    </Stack>
  )
}

function RestoreZip({ zip, onClose }: { zip: LegacyBackup; onClose: () => void }) {
  const { t } = useTranslation()
  const { data: people } = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => callForAll<User>('users', { signal }),
  })
  const owners = ownersOf(zip.legacy_user, people?.map(({ id }) => id) ?? [])
  const [picked, setPicked] = useState<string | null>(null)
  const [inPlace, setInPlace] = useState(false)
  const begin = useAskedCall(useBegin())
  const person = picked ?? owners[0] ?? null
  const restore = () =>
    person &&
    begin.mutate(
      { path: `admin/legacy-backups/${part(zip.name)}/restore`, body: { user_id: person, in_place: inPlace } },
      { onSuccess: onClose },
    )
  return (
    <Ask
      onClose={onClose}
      title={t('backups.restoreTitle', { what: zip.name })}
      words=""
      doIt={t('backups.restore')}
      isBusy={begin.isPending}
      error={begin.error}
      onYes={restore}
    >
      <Stack>
        <Select
          label={t('backups.zipOf')}
          description={people && owners.length === 0 ? t('backups.zipNobody', { who: zip.legacy_user }) : undefined}
          data={owners}
          value={person}
          onChange={setPicked}
          allowDeselect={false}
          required
        />
        <WhereTo inPlace={inPlace} onChange={setInPlace} newFolder={`restored-${zip.name.replace(/\.zip$/, '')}`} />
      </Stack>
    </Ask>
  )
}
