import type { Act } from '../api/environments.ts'

const asked = { stop: true, restart: true, recreate: true, delete: true } as const satisfies Partial<Record<Act, true>>
type Asked = keyof typeof asked

/** The question that is open. */
export type Open = Asked | 'rename' | null

/** Whether a question comes before the act. */
export const isAsked = (act: Act): act is Asked => act in asked
