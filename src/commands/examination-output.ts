import { styleText } from 'node:util'
import type { DoctorReport } from '../doctor/examine.ts'
import type { Repaired } from '../doctor/repair.ts'
import { type Check, type CheckStatus, titles } from '../domain/doctor/check.ts'
import { type Fix, sentenceOf } from '../domain/doctor/fix.ts'
import { wrap } from '../lib/wrap.ts'
import { explanations, type Style, table } from './table.ts'

const styles = {
  ok: 'green',
  note: 'blue',
  'not-checked': 'dim',
  warning: 'yellow',
  problem: 'red',
  title: 'bold',
  command: 'cyan',
} as const

/** Prints an examination for people, in colour on a terminal only; respects NO_COLOR and FORCE_COLOR. */
export function textOf(
  { checks }: DoctorReport,
  { columns, offersFix }: { columns: number; offersFix: boolean },
): string {
  const style: Style = { width: Math.min(Math.max(columns, 60), 120), paint: (as, text) => styleText(styles[as], text) }
  const words = explanations(checks, style)
  const offer =
    offersFix && repairsAnything(checks) ? ' With --fix the doctor can repair some of it; it shows what, and asks.' : ''
  return [
    table(checks, style),
    ...(words === '' ? [] : [words]),
    wrap(countOf(checks) + offer, style.width).join('\n'),
  ].join('\n\n')
}

/** Whether --fix could repair a fault, and not only add something that may as well be missing. */
export function repairsAnything(checks: readonly Check[]): boolean {
  return checks.some(({ status, fixes }) => (status === 'problem' || status === 'warning') && fixes.length > 0)
}

function countOf(checks: readonly Check[]): string {
  const of = (status: CheckStatus, one: string, many: string) => {
    const number = checks.filter((check) => check.status === status).length
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`]
  }
  const wrong = [...of('problem', 'problem', 'problems'), ...of('warning', 'warning', 'warnings')]
  const missing = of('not-checked', 'thing was not checked', 'things were not checked')
  return `${[wrong.join(', ') || 'Nothing is wrong', ...missing].join('; ')}.`
}

/** The same for scripts. docs/doctor.md says what they may rely on. */
export function jsonOf({ status, checks, fixes }: DoctorReport, repaired: readonly Repaired[]): string {
  const fixOf = (fix: Fix, became: string, detail: string | null) => ({
    title: sentenceOf(fix),
    status: became,
    detail,
    ...fix,
  })
  const body = {
    status,
    checks: checks.map(({ id, fixes: own, ...words }) => ({
      id,
      title: titles[id],
      ...words,
      fixable: own.length > 0,
    })),
    fixes: [
      ...repaired.map(({ fix, status: became, detail }) => fixOf(fix, became, detail)),
      ...fixes.map((fix) => fixOf(fix, 'offered', null)),
    ],
  }
  return JSON.stringify(body, null, 2)
}
