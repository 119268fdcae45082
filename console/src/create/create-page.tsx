import { Badge, Button, Card, Group, Radio, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Template, Templates } from '../api/bodies.ts'
import { call } from '../api/call.ts'
import { useCreate } from '../api/environments.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { writeBytes, writeList, writeNumber } from '../words/write.ts'
import { chosenTemplate } from './chosen-template.ts'

/** Makes an environment from a template. */
export function CreatePage() {
  const { t } = useTranslation()
  const { data, error, refetch } = useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => call<Templates>('GET', 'templates', { signal }),
  })
  return (
    <Stack maw={980}>
      <Title order={2}>{t('create.title')}</Title>
      {data ? <Form templates={data} /> : error ? <Problem error={error} onRetry={refetch} /> : <Loading />}
    </Stack>
  )
}

function Form({ templates: { items, tier, limits } }: { templates: Templates }) {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const [last, setLast] = useLocalStorage<string | null>({
    key: 'ai-lab.template',
    defaultValue: null,
    getInitialValueInEffect: false,
  })
  const [picked, setPicked] = useState<string | null>(null)
  const [name, setName] = useState('')
  const create = useCreate()
  // One key for one wish: pressed twice, or again after a lost answer, it makes one environment.
  const key = useRef<{ of: string; key: string }>({ of: '', key: '' })
  const template = chosenTemplate(items, picked, last)

  function submit(): void {
    if (!template) return
    const wish = { template, ...(name.trim() && { name: name.trim() }) }
    const of = JSON.stringify(wish)
    if (key.current.of !== of) key.current = { of, key: newKey() }
    create.mutate(
      { wish, key: key.current.key },
      {
        onSuccess: ({ id }) => {
          setLast(template)
          go(`/console/environments/${encodeURIComponent(id)}`)
        },
      },
    )
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack>
        <Radio.Group value={template ?? ''} onChange={setPicked} label={t('create.lead')} name="template">
          <SimpleGrid cols={{ base: 1, sm: 2 }} mt="sm">
            {items.map((each) => (
              <TemplateCard key={each.name} template={each} />
            ))}
          </SimpleGrid>
        </Radio.Group>
        <TextInput
          label={t('create.name')}
          description={t('create.nameHint')}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          maw={420}
        />
        <Text size="sm" c="dimmed">
          {t('create.allowed', {
            tier,
            max: writeNumber(limits.max_environments),
            memory: writeBytes(limits.memory_bytes),
            cores: writeNumber(limits.cpu_cores, 1),
          })}
        </Text>
        {create.error && <Problem error={create.error} />}
        <Group>
          <Button type="submit" loading={create.isPending} disabled={!template}>
            {t('create.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function TemplateCard({ template }: { template: Template }) {
  const { t } = useTranslation()
  const { name, description, type, image, packages, minimum_tier, allowed, resources } = template
  return (
    <Radio.Card value={name} disabled={!allowed} radius="md" aria-label={name} h="100%">
      <Card withBorder={false} bg="transparent" h="100%">
        <Group wrap="nowrap" align="flex-start">
          <Radio.Indicator />
          <Stack gap={6} style={{ minWidth: 0 }}>
            <Group gap="xs">
              <Text fw={600} className="foreign">
                {name}
              </Text>
              <Badge variant="default" size="sm">
                {type}
              </Badge>
            </Group>
            <Text size="sm" className="foreign">
              {description}
            </Text>
            {packages.length > 0 && (
              <Text size="sm" c="dimmed" className="foreign">
                {t('create.packages', { packages: writeList(packages) })}
              </Text>
            )}
            <Text size="sm" c="dimmed">
              {t('create.takes', {
                memory: writeBytes(resources.memory_bytes),
                cores: writeNumber(resources.cpu_cores, 1),
              })}
              {resources.gpus > 0 && ` · ${t('create.takesGpus', { count: resources.gpus })}`}
            </Text>
            <Text size="xs" c="dimmed" ff="monospace" className="foreign">
              {image}
            </Text>
            {!allowed && (
              <Text size="sm" fw={600}>
                {t('create.notInTier', { tier: minimum_tier })}
              </Text>
            )}
          </Stack>
        </Group>
      </Card>
    </Radio.Card>
  )
}

/** `crypto.randomUUID` is missing on pages without https. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
