/** The trouble that each test shows: the comments above tests, and the tables of test/README.md made from them. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The sections of the tables, in their order, with the words above each. */
const sections = {
  input: 'Bad input, and trouble in general:',
  mounts: 'The faults of the mounts, each on the real engine (docs/data.md has them for administrators):',
  progress: 'Progress (docs/progress.md):',
  idleness: 'Idleness (docs/idleness.md):',
  doctor: 'Faults that `ailab doctor` finds:',
  browser: "In a real browser, Debian's Chromium:",
  desired: 'The service restores the desired state:',
  worst: 'The worst instants, and hostile people and programs:',
  known: 'Faults that users of other systems report:',
  migration: 'Migration of a legacy root (docs/migrate.md):',
  metrics: 'Metrics (docs/metrics.md):',
  files: 'Files, long work, usage and backups (docs/files.md):',
  authority: 'Permissions (docs/access.md):',
  cost: 'Limits on the requests of one person:',
  notebook: 'Access from inside a notebook (docs/network.md):',
  'first-hour': 'The first hour:',
} as const

type Section = keyof typeof sections
export type Trouble = { section: Section; trouble: string; file: string; title: string }

/** The troubles of all tests below the folder `test/`. */
export function allTroubles(folder: string): Trouble[] {
  const files = globSync('{unit,contract,integration,e2e}/**/*.ts', { cwd: folder }).sort()
  return files.flatMap((file) => troublesIn(file, readFileSync(join(folder, file), 'utf8')))
}

const comment = /^( *)\/\/ Trouble \(([^)\n]*)\): (.+)$/gm

/**
 * The troubles that the comments of a test file name: `// Trouble (section): what goes wrong`, each on one line directly
 * above a test or a `describe`. A test may have several. Its title follows those of the groups that it is in.
 *
 * @throws Error that names a comment with an unknown section, or without a test below it
 */
export function troublesIn(file: string, text: string): Trouble[] {
  return Array.from(text.matchAll(comment), (match) => {
    const [line, indent = '', section = '', trouble = ''] = match
    if (!isSection(section)) throw new Error(`${file}: there is no section "${section}" for "${trouble}"`)
    const title = titleBelow(text.slice(match.index + line.length))
    if (title === null) throw new Error(`${file}: there is no test directly below "${trouble}"`)
    const groups = groupsAround(text.slice(0, match.index), indent.length)
    return { section, trouble: trouble.trim(), file, title: [...groups, title].join(' ') }
  })
}

function isSection(name: string): name is Section {
  return Object.hasOwn(sections, name)
}

/** The titles of the groups around the end of a text, the outermost first. The formatter indents the lines in a group. */
function groupsAround(text: string, indent: number): string[] {
  const last = Array.from(text.matchAll(/^( *)describe\b/gm))
    .filter(([, own = '']) => own.length < indent)
    .at(-1)
  if (!last) return []
  const title = titleBelow(text.slice(last.index))
  return [...groupsAround(text.slice(0, last.index), last[1]?.length ?? 0), ...(title ? [title] : [])]
}

/** The title of the test that comes next, with only comments before it; null if there is none. */
function titleBelow(text: string): string | null {
  const [start = ''] = /^\s*(?:\/\/[^\n]*\s*)*(?:test|it|describe)\b/.exec(text) ?? []
  if (start === '') return null
  let at = start.length
  for (;;) {
    at += /^(?:\.\w+|<[^(]*>|\s)*/.exec(text.slice(at))?.[0].length ?? 0
    if (text[at] !== '(') return null
    const [title] = /^\(\s*(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)/.exec(text.slice(at)) ?? []
    if (title) return unquoted(title.slice(1).trim())
    at = endOfGroup(text, at)
  }
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(/\\(['"`\\])/g, '$1')
}

/** The end of the group of brackets that begins at `at`. Brackets in strings and comments do not count. */
function endOfGroup(text: string, at: number): number {
  const tokens = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|[()]/g
  tokens.lastIndex = at
  for (let depth = 0, token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '(') depth += 1
    if (token[0] === ')') depth -= 1
    if (depth === 0) return tokens.lastIndex
  }
  return text.length
}

/** The tables, in Markdown: each has a row for each test, sorted by trouble. */
export function tablesOf(troubles: readonly Trouble[]): string {
  const names = Object.keys(sections).filter(isSection)
  return names
    .map((name) => ({ name, rows: troubles.filter(({ section }) => section === name).sort(byTrouble) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows }) => `${sections[name]}\n\n${tableOf(rows)}`)
    .join('\n')
}

function byTrouble(one: Trouble, two: Trouble): number {
  return compare(one.trouble, two.trouble) || compare(one.file, two.file)
}

function compare(one: string, two: string): number {
  return one < two ? -1 : Number(one > two)
}

function tableOf(rows: readonly Trouble[]): string {
  const lines = rows.map(({ trouble, file, title }, at) => {
    const isAgain = rows[at - 1]?.trouble === trouble
    return `| ${isAgain ? '' : cell(trouble)} | \`${file}\` | ${cell(title)} |\n`
  })
  return `| trouble | file | test |\n| --- | --- | --- |\n${lines.join('')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

const [begin, end] = ['<!-- npm run troubles writes from here -->', '<!-- to here -->']

/** The document with the tables between its two markers. */
export function withTables(document: string, tables: string): string {
  const [before, rest] = document.split(begin)
  const [, after] = rest?.split(end) ?? []
  if (before === undefined || after === undefined) throw new Error(`The document lacks "${begin}" and "${end}".`)
  return `${before}${begin}\n\n${tables}\n${end}${after}`
}
