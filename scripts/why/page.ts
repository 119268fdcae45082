/** The generated part of docs/why.md. Pure. */
import { binds, type FaultReport, type Told } from './fault.ts'

export const markers = { begin: '<!-- begin: written by `npm run why` -->', end: '<!-- end -->' }

const columns = [...binds, 'ours'] as const
const titles = { '-v': '`docker run -v`', '--mount': '`docker run --mount`', ours: 'this service' }

/** The page with a new generated part. @throws Error when the page has no markers */
export function renewed(page: string, generated: string): string {
  const [before, rest] = page.split(markers.begin)
  const after = rest?.split(markers.end)[1]
  if (before === undefined || after === undefined) throw new Error(`The page has no ${markers.begin} … ${markers.end}`)
  return `${before}${markers.begin}\n\n${generated}\n\n${markers.end}${after}`
}

export function generatedPart(reports: readonly FaultReport[], conditions: string): string {
  return [conditions, table(reports), whereDockerDoesWell(reports), ...reports.map(detail)].join('\n\n')
}

function table(reports: readonly FaultReport[]): string {
  const rows = reports.map(({ title, told }) => [link(title), ...columns.map((column) => cell(told[column]))])
  const head = ['fault', ...columns.map((column) => titles[column])]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cell({ verdict: { words, isGood } }: Told): string {
  return isGood ? words : `**${words}**`
}

export function link(title: string): string {
  const anchor = title
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
  return `[${title}](#${anchor})`
}

function whereDockerDoesWell(reports: readonly FaultReport[]): string {
  const lines = binds.map((bind) => {
    const safe = reports.filter(({ told }) => told[bind].verdict.isGood).map(({ title }) => title)
    return `- ${titles[bind]}: ${safe.length} of ${reports.length}${safe.length > 0 ? ` (${safe.join('; ')})` : ''}.`
  })
  return ['Where plain Docker does well, in this run:', '', ...lines].join('\n')
}

function detail({ title, deed, told }: FaultReport): string {
  const parts = columns.flatMap((column) => [
    `${titles[column]}: ${cell(told[column])}`,
    fence(told[column].transcript),
  ])
  return [`## ${title}`, deed, ...parts].join('\n\n')
}

function fence(text: string): string {
  return `\`\`\`console\n${text}\n\`\`\``
}
