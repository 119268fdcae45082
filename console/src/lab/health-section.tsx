import { Anchor, Card, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Health } from '../api/bodies.ts'
import { useBackupStanding, useHealth } from '../api/lab.ts'
import { at } from '../api/place.ts'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { Problem } from '../parts/problem.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { shownOf } from '../parts/shown.ts'
import { Snippet } from '../parts/snippet.tsx'
import { serviceLanguage } from '../words/service-language.ts'

const names = ['engine', 'data_root', 'mounts', 'database', 'backups'] as const

// Longer ones may take more than the lines of a card.
const longDetail = 100

/** How the service is, check by check. */
export function HealthSection() {
  const { t } = useTranslation()
  const { data, error, refetch } = useHealth()
  const { isData, isProblem } = shownOf({ data, error })
  const health = isData ? data : undefined
  return (
    <Stack component="section" aria-label={t('labPage.health')}>
      <Title order={3}>{t('labPage.health')}</Title>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {!isData && !isProblem && <Loading />}
      {health && <Checks health={health} />}
      <Hints title={t('labPage.weaknesses')} lines={health?.weaknesses} />
      <Hints title={t('labPage.notices')} lines={health?.notices} />
      <Group gap="xs" align="center">
        <Text size="sm">{t('labPage.doctor')}</Text>
        <Snippet label={t('labPage.command')}>bin/ailab doctor</Snippet>
      </Group>
    </Stack>
  )
}

function Checks({ health }: { health: Health }) {
  const { t } = useTranslation()
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3, xl: 5 }}>
      {names.map((name) => {
        const { status, detail, codes, checked_at } = health.checks[name]
        return (
          <Card key={name} withBorder component="article" className={`check ${status}`} data-check={name}>
            <Stack gap={6}>
              <Group justify="space-between" gap="xs" align="baseline">
                <Title order={4} size="h6">
                  {t(`labPage.check.${name}`)}
                </Title>
                <Text size="sm" className="of-state">
                  {t(`labPage.healthState.${status}`)}
                </Text>
              </Group>
              {/* A long one scrolls, by the keyboard too. */}
              <Text
                size="sm"
                c="dimmed"
                className="foreign detail"
                lang={serviceLanguage}
                tabIndex={detail.length > longDetail ? 0 : undefined}
              >
                {detail}
              </Text>
              {name === 'backups' && <LastDrill />}
              <Text size="xs" c="dimmed">
                {t('labPage.lookedAt')} <Moment iso={checked_at} />
                {codes.map((code) => (
                  <span key={code}>
                    {' · '}
                    <Anchor inherit underline="always" href={at(`problems/${code}`)} target="_blank">
                      {code}
                    </Anchor>
                  </span>
                ))}
              </Text>
            </Stack>
          </Card>
        )
      })}
    </SimpleGrid>
  )
}

function LastDrill() {
  const { t } = useTranslation()
  const { data } = useBackupStanding()
  if (!data) return null
  const { drill } = data
  const made = data.items[0]?.made
  return (
    <Text size="sm" c="dimmed">
      {t('labPage.lastBackup')} {made ? <Moment iso={made} /> : t('account.never')}. {t('labPage.lastDrill')}{' '}
      {drill.practised ? <Moment iso={drill.practised} /> : t('account.never')}.
    </Text>
  )
}

function Hints({ title, lines = [] }: { title: string; lines?: readonly string[] | undefined }) {
  if (lines.length === 0) return null
  return (
    <div>
      <Title order={4} size="h6" mb={4}>
        {title}
      </Title>
      <List size="sm" spacing={4}>
        {lines.map((line) => (
          <List.Item key={line}>
            <ServiceWords>{line}</ServiceWords>
          </List.Item>
        ))}
      </List>
    </div>
  )
}
