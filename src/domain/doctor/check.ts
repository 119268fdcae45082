/** A check: the doctor's result for one thing. */
import type { Fix } from './fix.ts'

/** Every check, in the order in which it is shown. Scripts rely on the ids. */
export const titles = {
  settings: 'Settings',
  'data-root': 'Data root',
  'host-data-path': 'HOST_DATA_PATH',
  proof: 'Proof',
  'compose-mount': 'Compose file',
  'backend-container': "Backend's container",
  owners: 'Owners and modes',
  'user-folders': "People's folders",
  'free-space': 'Free space',
  storage: 'Storage limits',
  backups: 'Backups',
  engine: 'Engine',
  'engine-socket': "Engine's socket",
  images: 'Images',
  network: 'Network',
  legacy: 'Left behind',
  service: 'Service',
} as const

export type CheckId = keyof typeof titles

/** From the best to the worst. A check with `not-checked` says why; it never counts as `ok`. */
export const statuses = ['ok', 'note', 'not-checked', 'warning', 'problem'] as const
export type CheckStatus = (typeof statuses)[number]

export type Check = {
  id: CheckId
  status: CheckStatus
  /** A few words. */
  summary: string
  /** The full explanation, in sentences. */
  detail: string
  remedy: string | null
  /** A command to copy into a shell; it may have several lines. */
  command: string | null
  /** The repairs that `--fix` can make. */
  fixes: Fix[]
}

type Words = { summary: string; detail?: string; remedy?: string; command?: string | null; fixes?: Fix[] }

const check =
  (status: CheckStatus) =>
  (id: CheckId, words: string | Words): Check => {
    const {
      summary,
      detail = summary,
      remedy = null,
      command = null,
      fixes = [],
    } = typeof words === 'string' ? { summary: words } : words
    return { id, status, summary, detail, remedy, command, fixes }
  }

export const ok = check('ok')
export const note = check('note')
export const notChecked = check('not-checked')
export const warning = check('warning')
export const problem = check('problem')

/**
 * `problem` or `warning` if any check has that status, else `ok`. A note is no fault, and neither is a check that could
 * not be made here.
 */
export function worst(checks: readonly Check[]): 'ok' | 'warning' | 'problem' {
  const found = new Set(checks.map(({ status }) => status))
  return found.has('problem') ? 'problem' : found.has('warning') ? 'warning' : 'ok'
}

/** For scripts: 0 nothing wrong, 2 warnings, 3 problems. 1 is the doctor's own failure. */
export const exitCodes = { ok: 0, warning: 2, problem: 3 } as const
