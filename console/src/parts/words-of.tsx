import { useTranslation } from 'react-i18next'
import { Unreachable } from '../api/refusal.ts'
import { ServiceWords } from './service-words.tsx'

/** Why something failed, in the service's words; in the reader's language if the service could not be reached. */
export function WordsOf({ error }: { error: unknown }) {
  const { t } = useTranslation()
  if (error instanceof Unreachable) return t('problem.unreachable')
  return <ServiceWords>{wordsOf(error)}</ServiceWords>
}

/** The service's own words. `Unreachable` has none. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
