import { styleText } from 'node:util'
import { shown } from '../lib/octets.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import type { PlaceUsage } from '../usage/usage.ts'

const barWidth = 20
const rowsAtMost = 30
const colours = { unlimited: 'cyan', within: 'green', near: 'yellow', over: 'red' } as const
const titles = { person: 'People', shared: 'shared/', admin: "admin/, the platform's own" } as const

type Row = { name: string; bytes: number; files: number; of: number; colour: keyof typeof colours; limit: string }

/** All folders in three tables, the biggest first; people against the limits of their tiers. */
export function usageTable(all: readonly PlaceUsage[], { columns, now }: { columns: number; now: number }): string {
  const tables = (['person', 'shared', 'admin'] as const).flatMap((kind) => {
    const places = all.filter((each) => each.kind === kind)
    return places.length === 0 ? [] : [tableOf(titles[kind], places.map(rowOf(places)), columns)]
  })
  const oldest = Math.min(...all.map(({ countedAt }) => countedAt))
  const words = all.length === 0 ? 'Nothing was counted yet.' : `Counted ${agoInWords(now - oldest)}.`
  return [...tables, words].join('\n\n')
}

/** One folder, with the biggest folders in it. */
export function folderTable(usage: PlaceUsage, { columns, now }: { columns: number; now: number }): string {
  const { biggest, count, path, missed } = usage
  const rows = biggest.map(({ path: folder, count: { bytes, files } }): Row => {
    return { name: shown(folder), bytes, files, of: count.bytes, colour: 'unlimited', limit: '' }
  })
  return [
    tableOf(shown(path), [rowOf([usage])(usage)], columns),
    ...(rows.length > 0 ? [tableOf('The biggest folders in it', rows, columns)] : []),
    ...(missed > 0 ? [`${missed} of its folders could not be counted; the figures may be too small.`] : []),
    `Counted ${agoInWords(now - usage.countedAt)}.`,
  ].join('\n\n')
}

/** The bar of a folder without a limit is its part of the biggest one. */
function rowOf(places: readonly PlaceUsage[]): (usage: PlaceUsage) => Row {
  const most = Math.max(...places.map(({ count }) => count.bytes), 1)
  return ({ path, userId, count, limitBytes, standing, trashBytes }) => {
    const trash = trashBytes > 0 ? ` and ${sizeInWords(trashBytes)} in the trash` : ''
    const limit = trash + (limitBytes === null ? '' : ` of ${sizeInWords(limitBytes)}`)
    return { name: userId ?? shown(path), ...count, of: limitBytes ?? most, colour: standing, limit }
  }
}

function tableOf(title: string, all: readonly Row[], columns: number): string {
  const rows = all.slice(0, rowsAtMost)
  const sizes = rows.map(({ bytes, limit }) => `${sizeInWords(bytes)}${limit}`)
  const files = rows.map((row) => `${row.files.toLocaleString('en')} ${row.files === 1 ? 'file' : 'files'}`)
  const sizeWidth = widest(sizes)
  const filesWidth = widest(files)
  const nameWidth = Math.max(
    Math.min(widest(rows.map(({ name }) => name)), columns - barWidth - sizeWidth - filesWidth - 8),
    12,
  )
  const lines = rows.map((row, index) => {
    const name = row.name.length > nameWidth ? `…${row.name.slice(1 - nameWidth)}` : row.name.padEnd(nameWidth)
    return `  ${name}  ${bar(row)}  ${(sizes[index] ?? '').padStart(sizeWidth)}  ${(files[index] ?? '').padStart(filesWidth)}`
  })
  const more = all.length - rows.length
  return [styleText('bold', title), ...lines, ...(more > 0 ? [`  … and ${more} more; --json tells all`] : [])].join(
    '\n',
  )
}

function bar({ bytes, of, colour }: Row): string {
  const part = Math.min(bytes / Math.max(of, 1), 1)
  const full = Math.round(part * barWidth)
  return styleText(colours[colour], '█'.repeat(full)) + styleText('dim', '░'.repeat(barWidth - full))
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length), 0)
}

function agoInWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'less than a minute ago'
  if (minutes < 120) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours ago` : `${Math.floor(minutes / 1440)} days ago`
}
