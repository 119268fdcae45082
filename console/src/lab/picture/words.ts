import type { TFunction } from 'i18next'
import type { Line } from './picture.ts'

/** One part of the proof and its state, as a sentence. */
export function wordsOfPart(t: TFunction, { part, state, why }: Line): string {
  return `${t(`labPage.part.${part}`)}: ${why ? t(`labPage.why.${why}`) : t(`labPage.state.${state}`)}.`
}
