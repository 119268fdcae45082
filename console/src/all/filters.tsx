import { CloseButton, Group, MultiSelect, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { memo, useDeferredValue, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { useTemplateNames } from '../api/people.ts'
import { areSame, type Filter } from './matching.ts'

type Change = (changed: Partial<Filter>) => void
type FiltersProps = { filter: Filter; onChange: Change; environments: readonly Environment[] }

/** The fields of the filter. Each is drawn anew only when its own value changes. */
export function Filters({ filter, onChange, environments }: FiltersProps) {
  const listed = useDeferredValue(environments)
  const templates = useTemplateNames()
  const people = useSteady(useMemo(() => [...new Set(listed.map(({ user_id }) => user_id))].sort(), [listed]))
  const used = useSteady(
    useMemo(() => [...new Set([...templates, ...listed.map(({ template }) => template)])], [templates, listed]),
  )
  return (
    <Group gap="sm" align="flex-end">
      <Words text={filter.text} onChange={onChange} />
      <Person person={filter.person} people={people} onChange={onChange} />
      <Statuses chosen={useSteady(filter.statuses)} onChange={onChange} />
      <Template template={filter.template} templates={used} onChange={onChange} />
    </Group>
  )
}

/** The same array for as long as its texts are the same: most changes of a long list bring no new person. */
function useSteady(next: readonly string[]): readonly string[] {
  const kept = useRef(next)
  if (!areSame(kept.current, next)) kept.current = next
  return kept.current
}

const Words = memo(function Words({ text, onChange }: { text: string; onChange: Change }) {
  const { t } = useTranslation()
  return (
    <TextInput
      label={t('all.text')}
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={({ currentTarget }) => onChange({ text: currentTarget.value })}
      rightSection={
        text && <CloseButton size="sm" aria-label={t('all.clearText')} onClick={() => onChange({ text: '' })} />
      }
      w={{ base: '100%', xs: 260 }}
    />
  )
})

type PersonProps = { person: string; people: readonly string[]; onChange: Change }

const Person = memo(function Person({ person, people, onChange }: PersonProps) {
  const { t } = useTranslation()
  return (
    <Select
      label={t('all.person')}
      placeholder={t('all.anybody')}
      data={people}
      value={person || null}
      onChange={(person) => onChange({ person: person ?? '' })}
      searchable
      clearable
      limit={50}
      nothingFoundMessage={t('nothingFound')}
      w={{ base: '100%', xs: 220 }}
    />
  )
})

const statuses = [
  'failed',
  'unknown',
  'pending',
  'pulling',
  'creating',
  'starting',
  'running',
  'paused',
  'stopping',
  'exited',
] as const

const Statuses = memo(function Statuses({ chosen, onChange }: { chosen: readonly string[]; onChange: Change }) {
  const { t } = useTranslation()
  return (
    <MultiSelect
      label={t('all.status')}
      placeholder={chosen.length === 0 ? t('all.any') : ''}
      data={statuses.map((value) => ({ value, label: t(`status.${value}`) }))}
      value={[...chosen]}
      onChange={(statuses) => onChange({ statuses })}
      clearable
      w={{ base: '100%', xs: 'auto' }}
      miw={200}
    />
  )
})

type TemplateProps = { template: string; templates: readonly string[]; onChange: Change }

const Template = memo(function Template({ template, templates, onChange }: TemplateProps) {
  const { t } = useTranslation()
  return (
    <Select
      label={t('all.template')}
      placeholder={t('all.any')}
      data={templates}
      value={template || null}
      onChange={(template) => onChange({ template: template ?? '' })}
      clearable
      w={{ base: '100%', xs: 200 }}
    />
  )
})
