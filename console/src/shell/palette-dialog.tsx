import '@mantine/spotlight/styles.css'
import './palette-dialog.css'
import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconBox, IconPlayerPlay, IconSearch, IconUser } from '@tabler/icons-react'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Environment } from '../api/bodies.ts'
import { type Act, useAct, useEnvironments } from '../api/environments.ts'
import { useMe } from '../api/me.ts'
import { usePeople } from '../api/people.ts'
import { AskAct } from '../environments/ask-act.tsx'
import { isAsked } from '../environments/asked.ts'
import type { PageEntry } from '../pages.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { type Entry, found } from './found.ts'
import { type AskedAct, actsAsked } from './palette-acts.ts'

const shownAtMost = 12
const ofEach = { pages: 4, acts: 4, environments: 6, people: 4 }
const none: readonly Environment[] = []

type Line = Entry & { icon: ReactNode; run: () => void }

export function PaletteDialog({ pages, asked }: { pages: readonly PageEntry[]; asked: number }) {
  const { t } = useTranslation()
  const [query, setQuery] = useState('')
  const [question, setQuestion] = useState<AskedAct | null>(null)
  const lines = useLines(pages, query, setQuestion) // at once: Spotlight then chooses the first of them
  // Each time that it is asked for, it opens.
  useEffect(() => spotlight.open(), [asked])
  const groups = Map.groupBy(lines, ({ group }) => group)
  return (
    <>
      <Spotlight.Root
        query={query}
        onQueryChange={setQuery}
        shortcut={null}
        scrollable
        maxHeight={460}
        attributes={{ content: { 'aria-label': t('search') } }}
      >
        <Spotlight.Search
          placeholder={t('searchHint')}
          aria-label={t('search')}
          leftSection={<IconSearch size={18} />}
        />
        <Spotlight.ActionsList>
          {[...groups].map(([group, ofGroup]) => (
            <Spotlight.ActionsGroup key={group} label={group}>
              {ofGroup.map(({ id, label, more, icon, run }) => (
                <Spotlight.Action
                  key={id}
                  label={label}
                  description={more}
                  leftSection={icon}
                  onClick={run}
                  className="palette-line foreign"
                />
              ))}
            </Spotlight.ActionsGroup>
          ))}
          {lines.length === 0 && <Spotlight.Empty>{t('nothingFound')}</Spotlight.Empty>}
        </Spotlight.ActionsList>
      </Spotlight.Root>
      {question && isAsked(question.act) && (
        <AskAct environment={question.environment} open={question.act} onClose={() => setQuestion(null)} />
      )}
    </>
  )
}

function useLines(pages: readonly PageEntry[], query: string, askFirst: (act: AskedAct) => void): readonly Line[] {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const { user_id, isAdmin } = useMe()
  const act = useAct()
  const { data: environments = none } = useEnvironments(isAdmin ? 'everybody' : { userId: user_id })
  const { data: people = [] } = usePeople({ enabled: isAdmin })
  const verbs = useVerbs()
  const byName = useMemo(
    () => environments.map((environment) => ({ ...textOf(environment), environment })),
    [environments],
  )

  return useMemo(() => {
    const ofPages = pages.flatMap(({ path, name, icon: Icon }): Line[] => {
      if (!name) return []
      const icon = Icon && <Icon size={20} />
      return [{ id: path, group: t('menu'), label: t(`pages.${name}`), icon, run: () => go(path) }]
    })
    if (query.trim() === '') return ofPages.slice(0, shownAtMost)

    const toEnvironment = ({ id, name, status, user_id: owner }: Environment): Line => ({
      id: `environment ${id}`,
      group: t(isAdmin ? 'pages.all' : 'pages.environments'),
      label: name,
      more: [t(`status.${status}`), ...(isAdmin ? [owner] : []), id].join(' · '),
      icon: <IconBox size={20} />,
      run: () => go(`/console/environments/${encodeURIComponent(id)}`),
    })
    const toPerson = (id: string): Line => ({
      id: `person ${id}`,
      group: t('pages.people'),
      label: id,
      icon: <IconUser size={20} />,
      run: () => go(`/console/people/${encodeURIComponent(id)}`),
    })
    const toAct = (asked: AskedAct): Line => ({
      id: `${asked.act} ${asked.environment.id}`,
      group: t('palette.acts'),
      label: `${verbs[asked.act]}: ${asked.environment.name}`,
      more: asked.environment.user_id,
      icon: <IconPlayerPlay size={20} />,
      run: () =>
        isAsked(asked.act)
          ? askFirst(asked)
          : act.mutate({ id: asked.environment.id, act: asked.act }, { onError: (error) => tellOfProblem(error) }),
    })

    return [
      ...found(ofPages, query, ofEach.pages),
      ...actsAsked(environments, query, { verbs, atMost: ofEach.acts }).map(toAct),
      ...found(byName, query, ofEach.environments).map(({ environment }) => toEnvironment(environment)),
      ...found(
        people.map(({ id }) => ({ id, label: id })),
        query,
        ofEach.people,
      ).map(({ id }) => toPerson(id)),
    ].slice(0, shownAtMost)
  }, [pages, query, environments, byName, people, verbs, isAdmin, t, go, act.mutate, askFirst])
}

function textOf({ id, name, user_id }: Environment): { id: string; label: string; more: string } {
  return { id, label: name, more: `${user_id} ${id}` }
}

function useVerbs(): Readonly<Record<Act, string>> {
  const { t } = useTranslation()
  return useMemo(
    () => ({
      start: t('act.start'),
      stop: t('act.stop'),
      restart: t('act.restart'),
      pause: t('act.pause'),
      resume: t('act.resume'),
      recreate: t('act.recreate'),
      delete: t('act.delete'),
    }),
    [t],
  )
}
