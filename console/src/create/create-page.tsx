import { Button, Group, Radio, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Templates } from '../api/bodies.ts'
import { useCreate, type Wish } from '../api/environments.ts'
import { useTemplates } from '../api/templates.ts'
import { useAddressQuery } from '../parts/address-query.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { chosenTemplate } from './chosen-template.ts'
import { isOver } from './is-over.ts'
import { memoryChoices } from './memory-choices.ts'
import { TemplateCard } from './template-card.tsx'

/** Makes an environment from a template. The page's address may name the template, and the memory in bytes. */
export function CreatePage() {
  const { t } = useTranslation()
  const { data, error, refetch } = useTemplates()
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
  const [query] = useAddressQuery()
  const [picked, setPicked] = useState<string | null>(query.get('template'))
  const [memory, setMemory] = useState<string | null>(query.get('memory'))
  const [name, setName] = useState('')
  const create = useCreate()
  // One key for one wish: pressed twice, or again after a lost answer, it makes one environment.
  const key = useRef<{ of: string; key: string }>({ of: '', key: '' })
  const template = chosenTemplate(items, picked, last)
  const usualBytes = items.find(({ name }) => name === template)?.resources.memory_bytes ?? 0
  const sizes = memoryChoices({ usualBytes, mostBytes: limits.memory_bytes }, Number(memory) || null)
  const memoryBytes = sizes.find((bytes) => String(bytes) === memory) ?? usualBytes

  function pick(wanted: string): void {
    if (items.some(({ name, allowed }) => name === wanted && allowed)) setPicked(wanted)
  }

  function submit(): void {
    if (!template) return
    const wish: Wish = {
      template,
      ...(name.trim() && { name: name.trim() }),
      ...(memoryBytes !== usualBytes && { resources: { memory_bytes: memoryBytes } }),
    }
    const of = JSON.stringify(wish)
    if (key.current.of !== of) key.current = { of, key: newKey() }
    create.mutate(
      { wish, key: key.current.key },
      {
        onSuccess: ({ id }) => {
          setLast(template)
          go(`/console/environments/${encodeURIComponent(id)}`)
        },
        onError: (error) => {
          if (isOver(error)) key.current = { of: '', key: '' }
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
        <Radio.Group value={template ?? ''} onChange={pick} label={t('create.lead')} name="template">
          <SimpleGrid cols={{ base: 1, sm: 2 }} mt="sm">
            {items.map((each) => (
              <TemplateCard key={each.name} template={each} isStop={each.name === (template ?? items[0]?.name)} />
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
        {sizes.length > 0 && (
          <Select
            label={t('create.memory')}
            description={t('create.memoryHint')}
            data={sizes.map((bytes) => ({ value: String(bytes), label: writeBytes(bytes) }))}
            value={String(memoryBytes)}
            onChange={setMemory}
            allowDeselect={false}
            maw={420}
          />
        )}
        <Text size="sm" c="dimmed">
          {t('create.allowed', {
            tier,
            max: writeNumber(limits.max_environments),
            memory: writeBytes(limits.memory_bytes),
            cores: t('environments.cores', { count: limits.cpu_cores, shown: writeNumber(limits.cpu_cores, 1) }),
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

/** `crypto.randomUUID` is missing on pages without https. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
