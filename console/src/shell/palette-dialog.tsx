import './palette-dialog.css'
import { Box, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { IconBox, IconPlayerPlay, IconSearch, IconUser } from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
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
import { chosenByKey, stillChosen } from './chosen.ts'
import { type Entry, found } from './found.ts'
import { type AskedAct, actsAsked } from './palette-acts.ts'

const shownAtMost = 12
const ofEach = { pages: 4, acts: 4, environments: 6, people: 4 }
const none: readonly Environment[] = []

type Line = Entry & { icon: ReactNode; run: () => void }

/** Opens each time that it is asked for. */
export function PaletteDialog({ pages, asked }: { pages: readonly PageEntry[]; asked: number }) {
  const { t } = useTranslation()
  const [closed, setClosed] = useState(0)
  const isMounted = useMounted()
  const [question, setQuestion] = useState<AskedAct | null>(null)
  const { mutateAsync } = useAct()
  const close = () => setClosed(asked)
  const onAct = useCallback(
    (chosen: AskedAct) => {
      if (isAsked(chosen.act)) setQuestion(chosen)
      // Its answer may come when the palette is closed, or after the next act.
      else mutateAsync({ id: chosen.environment.id, act: chosen.act }).catch(tellOfProblem)
    },
    [mutateAsync],
  )
  return (
    <>
      <Modal
        opened={isMounted && asked !== closed} // Mantine gives the focus back only if it has seen the dialogue closed
        onClose={close}
        withCloseButton={false}
        size={600}
        yOffset={80}
        padding={0}
        overlayProps={{ backgroundOpacity: 0.35, blur: 7 }}
        attributes={{ content: { 'aria-label': t('search') } }}
      >
        <Search key={asked} pages={pages} onAct={onAct} onTaken={close} />
      </Modal>
      {question && isAsked(question.act) && (
        <AskAct
          key={`${question.act} ${question.environment.id}`} // a person may open the palette above a question
          environment={question.environment}
          open={question.act}
          onClose={() => setQuestion(null)}
        />
      )}
    </>
  )
}

type SearchProps = { pages: readonly PageEntry[]; onAct: (act: AskedAct) => void; onTaken: () => void }

/**
 * A field, and below it the lines that fit. Focus stays in the field; screen readers hear the chosen line. Mantine's Spotlight chooses
 * a line when a letter is typed: of lines that the service sends later it chooses none, and Enter does nothing.
 */
function Search({ pages, onAct, onTaken }: SearchProps) {
  const { t } = useTranslation()
  const base = useId()
  const [query, setQuery] = useState('')
  const [before, choose] = useState<string | null>(null)
  const lines = useLines(pages, query, onAct)
  const ids = lines.map(({ id }) => id)
  const chosen = stillChosen(ids, before)
  if (chosen !== before) choose(chosen)

  const domIdOf = (id: string) => `${base}${lines.findIndex((line) => line.id === id)}`
  const isShown = chosen !== null && ids.includes(chosen)
  const take = (line: Line | undefined) => {
    if (!line) return
    onTaken()
    line.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || !['ArrowDown', 'ArrowUp', 'Enter'].includes(event.key)) return
    event.preventDefault()
    if (event.key === 'Enter') take(lines.find(({ id }) => id === chosen))
    else choose(chosenByKey(event.key, ids, chosen))
  }

  return (
    <>
      <TextInput
        data-autofocus
        variant="unstyled"
        size="lg"
        placeholder={t('searchHint')}
        aria-label={t('search')}
        leftSection={<IconSearch size={18} />}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          choose(null)
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-expanded
        aria-autocomplete="list"
        aria-controls={`${base}list`}
        aria-activedescendant={isShown ? domIdOf(chosen) : undefined}
      />
      <Box id={`${base}list`} role="listbox" aria-label={t('search')} className="palette-list">
        {[...Map.groupBy(lines, ({ group }) => group)].map(([group, ofGroup]) => (
          <Box key={group} role="group" aria-label={group}>
            <Text size="xs" fw={700} tt="uppercase" c="dimmed" px="md" pt="md" aria-hidden>
              {group}
            </Text>
            {ofGroup.map((line) => (
              <OneLine
                key={line.id}
                id={domIdOf(line.id)}
                line={line}
                isChosen={line.id === chosen}
                onClick={() => take(line)}
              />
            ))}
          </Box>
        ))}
      </Box>
      {lines.length === 0 && (
        <Text c="dimmed" ta="center" p="md">
          {t('nothingFound')}
        </Text>
      )}
    </>
  )
}

function OneLine({
  id,
  line: { icon, label, more },
  isChosen,
  onClick,
}: {
  id: string
  line: Line
  isChosen: boolean
  onClick: () => void
}) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isChosen) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [isChosen])
  return (
    <Group
      ref={ref}
      id={id}
      role="option"
      aria-selected={isChosen}
      className="palette-line foreign"
      wrap="nowrap"
      onMouseDown={(event) => event.preventDefault()} // the focus stays in the field
      onClick={onClick}
    >
      {icon}
      <Stack gap={0} miw={0}>
        <span>{label}</span>
        {more && (
          <Text span size="xs" className="palette-more">
            {more}
          </Text>
        )}
      </Stack>
    </Group>
  )
}

function useLines(pages: readonly PageEntry[], query: string, onAct: (act: AskedAct) => void): readonly Line[] {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const { user_id, isAdmin } = useMe()
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
      run: () => onAct(asked),
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
  }, [pages, query, environments, byName, people, verbs, isAdmin, t, go, onAct])
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
