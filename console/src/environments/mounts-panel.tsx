import { Badge, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Mounts } from '../api/bodies.ts'
import { call, part } from '../api/call.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { ProofSign } from '../parts/proof-sign.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { Snippet } from '../parts/snippet.tsx'
import { WideTable } from '../parts/wide-table.tsx'
import { serviceLanguage } from '../words/service-language.ts'

/** The mounts of an environment, with the proof part by part. */
export function MountsPanel({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data, error, refetch } = useQuery({
    queryKey: ['mounts', id],
    queryFn: ({ signal }) => call<Mounts>('GET', `environments/${part(id)}/mounts`, { signal }),
    staleTime: 0,
  })
  const { isData, isProblem } = shownOf({ data, error })
  const problem = isProblem && <Problem error={error} onRetry={refetch} />
  if (!data || !isData) return problem || <Loading />
  const findings = data.parts.flatMap(({ findings }) => findings)
  return (
    <Stack>
      {problem}
      <Group gap="sm">
        <ProofSign status={data.status} />
        <Text size="sm" c="dimmed">
          {t('environments.checked')} <Moment iso={data.checked_at} />
        </Text>
      </Group>
      <Group gap="xs">
        {data.parts.map(({ part, status }) => (
          <ProofSign key={part} status={status} label={t(`proof.part.${part}`)} />
        ))}
      </Group>
      <WideTable minWidth={360} label={t('environments.mounts')}>
        <Table>
          <Table.Tbody>
            {data.mounts.map(({ target, mode, source }) => (
              <Table.Tr key={target}>
                <Table.Td ff="monospace" className="foreign">
                  {target}
                  {source && (
                    <Text size="xs" c="dimmed" className="foreign">
                      {source}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <Badge variant="default">
                    {t(mode === 'ro' ? 'environments.readOnly' : 'environments.readWrite')}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      {findings.map(({ code, detail, remedy }) => (
        <Stack key={code} gap="xs">
          <Text>
            <ServiceWords>{detail}</ServiceWords>
          </Text>
          {remedy && (
            <div lang={serviceLanguage}>
              <Snippet>{remedy}</Snippet>
            </div>
          )}
        </Stack>
      ))}
    </Stack>
  )
}
