import i18next from 'i18next'
import { expect, test } from 'vitest'
import { de } from '../src/words/de.ts'
import { en } from '../src/words/en.ts'
import { problemTitle } from '../src/words/problem-title.ts'

test('a problem has a title in the reader’s language, and other words if this page does not know it', async () => {
  const titles: string[] = []
  for (const lng of ['en', 'de']) {
    await i18next.init({ lng, defaultNS: 'words', resources: { en: { words: en }, de: { words: de } } })
    titles.push(problemTitle('no-room', 'What the service says'))
  }
  expect(titles).toEqual(['There is no room left on the disk', 'Auf der Platte ist kein Platz mehr'])
  for (const code of ['', 'of-next-year', 'a.b:c']) expect(problemTitle(code, 'New here')).toBe('New here')
})
