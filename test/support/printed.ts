/** The shell commands that a document prints, and the mark above each block: an HTML comment, which GitHub does not show. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a block of commands is to run. */
export const settings = {
  lab: 'on the machine of a lab in Docker Compose, in the folder of the clone',
  'lab, answering yes': 'the same at a terminal, where a person answers yes',
  'lab, damaged database': 'the same, and the database was found damaged at a start',
  'lab, own network': 'the same, in a network of its own',
  'lab, own /etc': 'the same, with a copy of /etc that is thrown away',
  nginx: 'with both, where nginx runs as it comes, and the certificate is in its place',
  Caddy: 'the same with Caddy',
  environment: 'in a terminal of an environment of that lab',
  upgrade: 'in the clone of such a lab, with a newer version at its origin',
  'npm start': 'on the machine where npm start runs, in the folder of the clone',
  'fresh clone': 'in the folder of a clone before its first start with Docker Compose',
} as const
export type Setting = keyof typeof settings

export type PrintedBlock = {
  language: 'sh' | 'console'
  /** The line of the fence that begins the block; the first is 1. */
  line: number
  /** Null if the mark names none, or if there is no mark. */
  setting: Setting | null
  /** Why no test runs the block. */
  notRun: string | null
  /** The lines between the fences, without the indentation of the block. */
  lines: string[]
}

const fence =
  /^( *)(?:<!-- (?:run: (?<setting>[^\n]+?)|not run: (?<notRun>[^\n]+?)) -->\n\1)?```(?<language>sh|console)\n/
const blocks = new RegExp(`${fence.source}(?<body>(?:.*\\n)*?)\\1\`\`\`$`, 'gm')

export function printedBlocks(markdown: string): PrintedBlock[] {
  return Array.from(markdown.matchAll(blocks), ({ index, groups = {}, 1: indent = '' }) => {
    const { setting, notRun = null, language, body = '' } = groups
    const marked = setting !== undefined || notRun !== null
    return {
      language: language === 'console' ? 'console' : 'sh',
      line: markdown.slice(0, index).split('\n').length + (marked ? 1 : 0),
      setting: setting !== undefined && isSetting(setting) ? setting : null,
      notRun,
      lines: body
        .split('\n')
        .slice(0, -1)
        .map((line) => line.slice(indent.length)),
    }
  })
}

function isSetting(text: string): text is Setting {
  return text in settings
}

/** The commands of a block: all of `sh`, and of `console` the lines after the prompt `$ `, each with what is printed below it. */
export function commandsOf({ language, line, lines }: PrintedBlock): PrintedCommand[] {
  if (language === 'sh') return [{ line: line + 1, text: lines.join('\n'), output: null }]
  return lines.flatMap((text, at) => {
    if (!text.startsWith('$ ')) return []
    const rest = lines.slice(at + 1)
    const end = rest.findIndex((each) => each.startsWith('$ '))
    return [
      { line: line + 1 + at, text: text.slice(2), output: rest.slice(0, end === -1 ? undefined : end).join('\n') },
    ]
  })
}

/** `output` is null where the document prints none. */
export type PrintedCommand = { line: number; text: string; output: string | null }

const folder = join(import.meta.dirname, '../..')

/** The documents that people read. docs/why.md is not among them: `npm run why` writes it from runs of its commands. */
export function readDocuments(): { document: string; text: string }[] {
  return globSync(['*.md', 'docs/**/*.md', 'monitoring/*.md', 'test/*.md'], { cwd: folder })
    .filter((document) => document !== 'docs/why.md')
    .sort()
    .map((document) => ({ document, text: readFileSync(join(folder, document), 'utf8') }))
}

/** The documents with a block that is marked with one of the settings. */
export function printingDocuments(settings: readonly Setting[]): string[] {
  const isMeant = ({ setting }: PrintedBlock) => setting !== null && settings.includes(setting)
  return readDocuments()
    .filter(({ text }) => printedBlocks(text).some(isMeant))
    .map(({ document }) => document)
}
