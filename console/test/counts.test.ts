import i18next from 'i18next'
import { describe, expect, test } from 'vitest'
import { shownName } from '../src/parts/shown-name.ts'
import { de } from '../src/words/de.ts'
import { en } from '../src/words/en.ts'

const values = { all: 2_000, done: 0, sent: '0 B', bytes: '1 KiB', act: 'Starting', total: '1' }

async function sayIn(lng: 'en' | 'de') {
  const resources = { en: { words: en }, de: { words: de } }
  await i18next.init({ lng, defaultNS: 'words', resources, interpolation: { escape: shownName } })
  return (key: string, count: number) => i18next.t(key as 'uploads.of', { ...values, count })
}

describe('a text with a count', () => {
  test('has its form for one', async () => {
    const keys = ['create.takesGpus', 'uploads.of', 'preview.moreCells', 'preview.ofRows', 'all.run.over']
    const more = ['all.said.going', 'all.said.over', 'datasets.differ', 'datasets.missing', 'files.undonePart']
    const one = (say: (key: string, count: number) => string) => [...keys, ...more].map((key) => say(key, 1))
    expect(one(await sayIn('en'))).toEqual([
      '1 GPU',
      '0 of 1 file, 0 B of 1 KiB',
      'There is 1 more cell.',
      '1 row in all.',
      '1 requested',
      'Starting 1 environment: begun.',
      'Starting: 1 of 1 is requested.',
      '1 differs',
      '1 is missing',
      '1 of 2,000 is back; the rest is in the trash.',
    ])
    expect(one(await sayIn('de'))).toEqual([
      '1 GPU',
      '0 von 1 Datei, 0 B von 1 KiB',
      'Es gibt 1 weitere Zelle.',
      'Insgesamt 1 Zeile.',
      '1 beauftragt',
      'Starting: 1 Umgebung, begonnen.',
      'Starting: 1 von 1 ist beauftragt.',
      '1 ist anders',
      '1 fehlt',
      '1 von 2.000 ist wieder da; der Rest ist im Papierkorb.',
    ])
  })

  test('writes it as the reader does', async () => {
    const keys = ['files.count', 'trash.removeAllWords', 'uploads.of', 'jobs.result.verified', 'labPage.environments']
    const many = (say: (key: string, count: number) => string) => keys.map((key) => say(key, 12_345))
    for (const text of many(await sayIn('en'))) expect(text).toContain('12,345')
    for (const text of many(await sayIn('de'))) expect(text).toContain('12.345')
  })
})
