import { Anchor, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { IconRestore } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Finding } from '../api/bodies.ts'
import { useAct } from '../api/environments.ts'
import { at } from '../api/place.ts'
import { Snippet } from '../parts/snippet.tsx'
import { tell, tellOfProblem } from '../parts/tell.tsx'
import { remedyIn } from './remedy.ts'

const mostShown = 20

/** What is wrong, each with both paths, and what to do. */
export function Breaks({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation()
  if (findings.length === 0) return null
  return (
    <Stack component="section" aria-label={t('labPage.breaks')} gap="sm">
      {findings.slice(0, mostShown).map((finding) => (
        <Break key={JSON.stringify([finding.code, finding.environment_id, finding.detail])} finding={finding} />
      ))}
      {findings.length > mostShown && (
        <Text size="sm" c="dimmed">
          {t('labPage.moreFindings', { count: findings.length - mostShown })}
        </Text>
      )}
    </Stack>
  )
}

function Break({ finding }: { finding: Finding }) {
  const { t } = useTranslation()
  const { code, severity, part, environment_id, detail, backend_path, host_path, remedy = '' } = finding
  const { words, command } = remedyIn(remedy, at(''))
  return (
    <Card withBorder component="article" data-finding={code} className={`break ${severity}`} p="md">
      <Stack gap="sm">
        <Group gap="xs" justify="space-between" align="baseline">
          <Title order={3} size="h5">
            {t(code === 'proof-unfinished' ? 'labPage.headline.unfinished' : `labPage.broken.${part}`)}
          </Title>
          <Anchor size="sm" href={at(`problems/${code}`)} target="_blank">
            {code}
          </Anchor>
        </Group>
        <Text className="foreign" size="sm">
          {detail}
        </Text>
        {(backend_path || host_path) && (
          <dl className="paths">
            {backend_path && (
              <>
                <dt>{t('labPage.backend')}</dt>
                <dd className="foreign">{backend_path}</dd>
              </>
            )}
            {host_path && (
              <>
                <dt>{t('labPage.engine')}</dt>
                <dd className="foreign">{host_path}</dd>
              </>
            )}
          </dl>
        )}
        <Text size="sm" className="foreign">
          <strong>{t('labPage.whatToDo')}</strong> {words}
        </Text>
        {command && <Snippet label={t('labPage.command')}>{command}</Snippet>}
        {environment_id && <OfEnvironment id={environment_id} />}
      </Stack>
    </Card>
  )
}

function OfEnvironment({ id }: { id: string }) {
  const { t } = useTranslation()
  const act = useAct()
  return (
    <Group gap="sm">
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRestore size={14} />}
        loading={act.isPending}
        onClick={() =>
          act.mutate(
            { id, act: 'recreate' },
            { onSuccess: () => tell(t('labPage.recreating')), onError: tellOfProblem },
          )
        }
      >
        {t('labPage.recreate')}
      </Button>
      <Anchor component={Link} href={`/console/environments/${encodeURIComponent(id)}`} size="sm">
        {id}
      </Anchor>
    </Group>
  )
}
