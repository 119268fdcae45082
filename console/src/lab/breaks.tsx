import { Anchor, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { IconRestore } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Finding } from '../api/bodies.ts'
import { useEnvironment } from '../api/environments.ts'
import { at } from '../api/place.ts'
import { AskAct } from '../environments/ask-act-later.ts'
import { ServiceWords } from '../parts/service-words.tsx'
import { Snippet } from '../parts/snippet.tsx'
import { remedyIn } from './remedy.ts'

const mostShown = 20

/** The findings, each with both paths and the cure. */
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

/** A part that nobody could look at is not called broken. */
function headlineOf(code: Finding['code'], part: Finding['part']) {
  if (code === 'proof-unfinished') return 'labPage.headline.unfinished'
  return code === 'inside-unverifiable' ? 'labPage.unseen' : (`labPage.broken.${part}` as const)
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
            {t(headlineOf(code, part))}
          </Title>
          <Anchor size="sm" href={at(`problems/${code}`)} target="_blank">
            {code}
          </Anchor>
        </Group>
        <Text size="sm">
          <ServiceWords>{detail}</ServiceWords>
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
        <Text size="sm">
          <strong>{t('labPage.whatToDo')}</strong> <ServiceWords>{words}</ServiceWords>
        </Text>
        {command && <Snippet label={t('labPage.command')}>{command}</Snippet>}
        {environment_id && <OfEnvironment id={environment_id} code={code} />}
      </Stack>
    </Card>
  )
}

// A new container on today's mounts cures these alone.
const curedByRecreation = new Set<Finding['code']>(['stale-mount', 'mount-drift', 'mount-mode'])

function OfEnvironment({ id, code }: { id: string; code: Finding['code'] }) {
  const { t } = useTranslation()
  const [isAsking, setAsking] = useState(false)
  const { data: environment } = useEnvironment(id)
  return (
    <Group gap="sm">
      {environment && curedByRecreation.has(code) && (
        <Button size="xs" variant="default" leftSection={<IconRestore size={14} />} onClick={() => setAsking(true)}>
          {t('labPage.recreate')}
        </Button>
      )}
      <Anchor component={Link} href={`/console/environments/${encodeURIComponent(id)}`} size="sm">
        {id}
      </Anchor>
      {environment && isAsking && (
        <Suspense fallback={null}>
          <AskAct environment={environment} open="recreate" onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </Group>
  )
}
