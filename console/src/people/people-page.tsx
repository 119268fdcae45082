import { Badge, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconSearch, IconUserPlus } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Usage, User } from '../api/bodies.ts'
import { useEnvironments } from '../api/environments.ts'
import { usePeople, useStorage } from '../api/people.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { type Column, Rows } from '../parts/rows.tsx'
import { shownOf } from '../parts/shown.ts'
import { When } from '../parts/when.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { AddPerson } from './add-person.tsx'
import { type Counts, countsByPerson, noneAtAll } from './counts.ts'
import { CountsSign } from './counts-sign.tsx'
import { countAdministrators } from './offered.ts'
import { PersonActs } from './person-acts.tsx'

type Line = { user: User; counts: Counts | null; usage: Usage | undefined; administrators: number }

const idOf = ({ user }: Line) => user.id

/** Everybody who has an account. */
export function PeoplePage() {
  const { t } = useTranslation()
  const { data: people, error, isPending, refetch } = usePeople()
  const { isProblem } = shownOf({ data: people, error })
  const [text, setText] = useState('')
  const [isAdding, setAdding] = useState(false)
  const lines = useLines(people)
  const shown = useMemo(() => lines.filter(({ user }) => isMatch(user, text)), [lines, text])
  const columns = useColumns()
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{t('pages.people')}</Title>
        <Button leftSection={<IconUserPlus size={16} />} onClick={() => setAdding(true)}>
          {t('people.add')}
        </Button>
      </Group>
      {isProblem && <Problem error={error} onRetry={refetch} />}
      {isPending && <Loading />}
      {people && (
        <Group justify="space-between" align="flex-end">
          <TextInput
            label={t('people.search')}
            leftSection={<IconSearch size={16} />}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
            w={{ base: '100%', xs: 320 }}
          />
          <Text size="sm" c="dimmed" role="status">
            {t('people.count', { count: shown.length, number: writeNumber(shown.length) })}
          </Text>
        </Group>
      )}
      {shown.length > 0 && <Rows items={shown} idOf={idOf} columns={columns} label={t('pages.people')} />}
      {people && shown.length === 0 && <Text>{t('people.noMatch')}</Text>}
      {people?.length === 1 && text === '' && <Text>{t('people.first')}</Text>}
      {isAdding && <AddPerson onClose={() => setAdding(false)} />}
    </Stack>
  )
}

function isMatch({ id, role, tier }: User, text: string): boolean {
  const whole = `${id}\n${role}\n${tier}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word))
}

function useLines(people: readonly User[] | undefined): readonly Line[] {
  const { data: environments, isWhole } = useEnvironments('everybody')
  const { data: storage } = useStorage()
  const counts = useMemo(() => (isWhole && environments ? countsByPerson(environments) : null), [isWhole, environments])
  return useMemo(() => {
    const administrators = countAdministrators(people ?? [])
    return (people ?? []).map((user) => ({
      user,
      counts: counts && (counts.get(user.id) ?? noneAtAll),
      usage: storage?.get(user.id),
      administrators,
    }))
  }, [people, counts, storage])
}

function useColumns(): readonly Column<Line>[] {
  const { t, i18n } = useTranslation()
  return useMemo<Column<Line>[]>(
    () => [
      {
        key: 'id',
        title: t('people.id'),
        width: 15,
        show: ({ user }) => (
          <Link href={`/console/people/${encodeURIComponent(user.id)}`} className="one-line" title={user.id}>
            {user.id}
          </Link>
        ),
      },
      {
        key: 'role',
        title: t('people.role'),
        width: 11,
        show: ({ user }) => (
          <Group gap={6} wrap="nowrap">
            {t(`people.roles.${user.role}`)}
            {user.disabled && <DisabledBadge />}
          </Group>
        ),
      },
      {
        key: 'tier',
        title: t('people.tier'),
        width: 7,
        show: ({ user }) => <span className="one-line">{user.tier}</span>,
      },
      {
        key: 'environments',
        title: t('people.environments'),
        width: 8.5,
        show: ({ user, counts }) => <CountsSign userId={user.id} counts={counts} />,
      },
      {
        key: 'storage',
        title: t('people.storage'),
        width: 8.5,
        isNumber: true,
        show: ({ usage }) => <StorageCell usage={usage} />,
      },
      { key: 'created', title: t('people.since'), width: 8, show: ({ user }) => <When iso={user.created} /> },
      {
        key: 'acts',
        title: t('more'),
        isTitleHidden: true,
        width: 3.5,
        show: ({ user, counts, administrators }) => (
          <PersonActs user={user} around={{ administrators, environments: counts?.all ?? null }} />
        ),
      },
    ],
    [t, i18n.language],
  )
}

export function DisabledBadge() {
  const { t } = useTranslation()
  return (
    <Badge variant="default" radius="sm" tt="none">
      {t('people.disabled')}
    </Badge>
  )
}

function StorageCell({ usage }: { usage: Usage | undefined }) {
  if (!usage) return '–'
  const used = writeBytes(usage.bytes + usage.trash_bytes)
  const isTight = usage.standing === 'near' || usage.standing === 'over'
  return (
    <Text span size="sm" c={isTight ? 'var(--mantine-color-error)' : undefined} fw={isTight ? 600 : undefined}>
      {usage.limit_bytes === null ? used : `${used} / ${writeBytes(usage.limit_bytes)}`}
    </Text>
  )
}
