import i18next from 'i18next'
import { expect, test, vi } from 'vitest'

vi.stubGlobal('document', { baseURI: 'http://localhost/console/', documentElement: {} })
vi.stubGlobal('localStorage', { getItem: () => 'en' })
const { beginWords } = await import('../src/words/words.ts')

test('a name in a sentence turns no letters round, and React alone escapes its HTML', async () => {
  await beginWords()
  const sentence = i18next.t('uploads.discard', { name: '\u202egnp.<b>' })
  expect(sentence).toContain('\\u{202e}gnp.<b>')
})
