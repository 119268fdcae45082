import { Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { part } from '../api/call.ts'
import { at } from '../api/place.ts'
import { useStream } from '../api/stream.ts'
import { plainLine } from './log-lines.ts'

const keptLines = 5_000
const tail = 500
const everyMs = 100

/** The log, as it is written; what is searched is kept in sight. */
export function LogPanel({ environment: { id, status } }: { environment: Environment }) {
  const { t } = useTranslation()
  const [lines, setLines] = useState<string[]>([])
  const [search, setSearch] = useState('')
  const [follows, setFollows] = useState(true)
  const [hasEnded, setEnded] = useState(false)
  const fresh = useRef<string[]>([])
  const box = useRef<HTMLPreElement>(null)

  // A chatty program writes thousands of lines a second: they are shown together.
  useEffect(() => {
    const timer = setInterval(() => {
      if (fresh.current.length === 0) return
      const added = fresh.current
      fresh.current = []
      setLines((before) => [...before, ...added].slice(-keptLines))
    }, everyMs)
    return () => clearInterval(timer)
  }, [])

  useStream(follows && !hasEnded ? `environments/${part(id)}/logs?follow=true&tail=${tail}` : null, {
    handlers: {
      line: (data) => fresh.current.push(plainLine(data)),
      end: () => setEnded(true),
    },
    isEndless: true,
    // The service sends the last lines again.
    onOpen() {
      fresh.current = []
      setLines([])
    },
  })
  useEffect(() => setEnded(false), [status])
  useEffect(() => {
    if (follows) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [lines, follows])

  const wanted = search.toLowerCase()
  const shown = wanted ? lines.filter((line) => line.toLowerCase().includes(wanted)) : lines
  return (
    <Stack>
      <Group>
        <TextInput
          aria-label={t('environments.logSearch')}
          placeholder={t('environments.logSearch')}
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          flex={1}
          miw={160}
        />
        <Switch
          label={t('environments.logFollow')}
          checked={follows}
          onChange={({ currentTarget }) => setFollows(currentTarget.checked)}
        />
        <Button
          component="a"
          href={at(`api/environments/${part(id)}/logs?tail=10000`)}
          download={`${id}.log`}
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          {t('environments.logDownload')}
        </Button>
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it */}
      <pre className="log" ref={box} role="log" aria-live="off" tabIndex={0} aria-label={t('environments.log')}>
        {shown.length === 0 ? t('environments.logEmpty') : shown.join('\n')}
      </pre>
      {hasEnded && (
        <Text size="sm" c="dimmed">
          {t('environments.logEnd')}
        </Text>
      )}
    </Stack>
  )
}
