import i18next from 'i18next'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { initReactI18next } from 'react-i18next'
import { beforeAll, expect, test } from 'vitest'
import { Refusal, Unreachable } from '../src/api/refusal.ts'
import { WordsOf } from '../src/parts/words-of.tsx'
import { de } from '../src/words/de.ts'

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: 'de', defaultNS: 'words', resources: { de: { words: de } } })
})

const shown = (error: unknown) => renderToStaticMarkup(createElement(WordsOf, { error }))

test('the service’s words are marked as English for programs that read aloud', () => {
  const refusal = new Refusal(409, { detail: 'It is paused.' })
  expect(shown(refusal)).toBe('<span class="foreign" lang="en">It is paused.</span>')
})

test('the page’s own words are not marked: they are in the reader’s language', () => {
  expect(shown(new Unreachable())).toBe(de.problem.unreachable)
})
