import { Button, Code, Group, Stack, Table, Text, TextInput, Title, VisuallyHidden } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Orphan } from '../api/bodies.ts'
import { useAdopt, useOrphans } from '../api/lab.ts'
import { Ask } from '../parts/ask.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { tell } from '../parts/tell.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { WideTable } from '../parts/wide-table.tsx'

/** Containers without a record, and the way to give them one. */
export function Orphans() {
  const { t } = useTranslation()
  const { data, error, refetch } = useOrphans()
  const { isData, isProblem } = shownOf({ data, error })
  const orphans = isData ? data : undefined
  const [chosen, setChosen] = useState<Orphan | null>(null)
  return (
    <Stack component="section" aria-label={t('labPage.orphans')}>
      <Title order={3}>{t('labPage.orphans')}</Title>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {orphans?.length === 0 && <Text c="dimmed">{t('labPage.noOrphans')}</Text>}
      {orphans && orphans.length > 0 && (
        <>
          <Text size="sm">{t('labPage.orphansLead')}</Text>
          <WideTable minWidth={520} label={t('labPage.orphans')}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('labPage.container')}</Table.Th>
                  <Table.Th>{t('environments.owner')}</Table.Th>
                  <Table.Th>{t('environments.image')}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{t('labPage.adopt')}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {orphans.map((orphan) => (
                  <Row key={orphan.container_id} orphan={orphan} onAdopt={() => setChosen(orphan)} />
                ))}
              </Table.Tbody>
            </Table>
          </WideTable>
        </>
      )}
      {chosen && <Adopt orphan={chosen} onClose={() => setChosen(null)} />}
    </Stack>
  )
}

function Row({ orphan, onAdopt }: { orphan: Orphan; onAdopt: () => void }) {
  const { t } = useTranslation()
  const { id, user_id, image, state, adoptable, reason } = orphan
  return (
    <Table.Tr data-orphan={id}>
      <Table.Td>
        <Code className="foreign">{id}</Code>
        <Text size="xs" c="dimmed">
          {state}
        </Text>
      </Table.Td>
      <Table.Td className="foreign">{user_id ?? '–'}</Table.Td>
      <Table.Td className="foreign">{image}</Table.Td>
      <Table.Td>
        {adoptable ? (
          <Button size="xs" variant="default" onClick={onAdopt} aria-label={`${t('labPage.adopt')}: ${id}`}>
            {t('labPage.adopt')}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            <ServiceWords>{reason}</ServiceWords>
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function Adopt({ orphan: { id, user_id, template }, onClose }: { orphan: Orphan; onClose: () => void }) {
  const { t } = useTranslation()
  const adopt = useAskedCall(useAdopt())
  const [owner, setOwner] = useState('')
  const [chosenTemplate, setTemplate] = useState('')
  const given = {
    ...(!user_id && { user_id: owner.trim() }),
    ...(!template && chosenTemplate.trim() !== '' && { template: chosenTemplate.trim() }),
  }
  const onYes = () =>
    adopt.mutate(
      { id, ...given },
      {
        onSuccess: () => {
          tell(t('labPage.adopted'))
          onClose()
        },
      },
    )
  return (
    <Ask
      onClose={onClose}
      title={t('labPage.adoptTitle', { id })}
      words={t('labPage.adoptWords')}
      doIt={t('labPage.adopt')}
      isBusy={adopt.isPending}
      error={adopt.error}
      onYes={onYes}
    >
      {user_id ? (
        <Group gap="xs">
          <Text size="sm">{t('environments.owner')}:</Text>
          <Text size="sm" fw={600} className="foreign">
            {user_id}
          </Text>
        </Group>
      ) : (
        <TextInput
          required
          label={t('environments.owner')}
          description={t('labPage.ownerHint')}
          value={owner}
          onChange={({ currentTarget }) => setOwner(currentTarget.value)}
        />
      )}
      {!template && (
        <TextInput
          mt="sm"
          label={t('labPage.template')}
          description={t('labPage.templateHint')}
          value={chosenTemplate}
          onChange={({ currentTarget }) => setTemplate(currentTarget.value)}
        />
      )}
    </Ask>
  )
}
