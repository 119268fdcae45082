import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { loadInsistently } from '../parts/lazily.ts'
import { shownName } from '../parts/shown-name.ts'
import { en, type Words } from './en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'words'
    resources: { words: typeof en }
  }
}

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const catalogues: Record<Language, () => Promise<Words>> = {
  en: async () => en,
  de: async () => (await loadInsistently(() => import('./de.ts'))).de,
}

const kept = 'ai-lab.language'
const waitsForWordsMs = 4_000
let wanted: Language = 'en'

/** The language chosen here before, or else the first of the reader's own that the console has. Pure. */
export function languageOf(chosen: string | null, readers: readonly string[]): Language {
  const wanted = [...(chosen ? [chosen] : []), ...readers].map((each) => each.slice(0, 2).toLowerCase())
  return wanted.find((each): each is Language => each in languages) ?? 'en'
}

/** Begins with the reader's language, or in English if its words do not come soon: they may come later. */
export async function beginWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    defaultNS: 'words',
    fallbackLng: 'en',
    resources: { en: { words: en } },
    interpolation: { escape: shownName }, // React escapes HTML; this shows the characters that turn the direction
  })
  const soon = new Promise((resolve) => setTimeout(resolve, waitsForWordsMs))
  await Promise.race([speak(languageOf(localStorage.getItem(kept), navigator.languages)), soon])
}

/** Speaks a language once its words are there, unless the reader wants another one by then. Without its words, all stays as it is. */
async function speak(language: Language): Promise<void> {
  wanted = language
  const words = await catalogues[language]().catch(() => null)
  if (!words || language !== wanted) return
  i18next.addResourceBundle(language, 'words', words)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(kept, language)
  await speak(language)
}
