import { lazily } from '../parts/lazily.ts'

/** The question before an act. */
export const AskAct = lazily(async () => (await import('./ask-act.tsx')).AskAct, { inAdvance: true })
