import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
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
  de: async () => (await import('./de.ts')).de,
}

const kept = 'ai-lab.language'

/** The language chosen here before, or else the first of the reader's own that the console has. Pure. */
export function languageOf(chosen: string | null, readers: readonly string[]): Language {
  const wanted = [...(chosen ? [chosen] : []), ...readers].map((each) => each.slice(0, 2).toLowerCase())
  return wanted.find((each): each is Language => each in languages) ?? 'en'
}

export async function beginWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    defaultNS: 'words',
    fallbackLng: 'en',
    resources: { en: { words: en } },
    interpolation: { escapeValue: false }, // React escapes
  })
  await speak(languageOf(localStorage.getItem(kept), navigator.languages))
}

async function speak(language: Language): Promise<void> {
  i18next.addResourceBundle(language, 'words', await catalogues[language]())
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(kept, language)
  await speak(language)
}
