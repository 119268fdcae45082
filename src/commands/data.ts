import type { Command } from 'commander'
import { Problem } from '../domain/problem.ts'
import { octetsOf, shown } from '../lib/octets.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { PlaceUsage } from '../usage/usage.ts'
import { addDatasets } from './datasets.ts'
import type { Connect } from './on-service.ts'
import { folderTable, usageTable } from './usage-table.ts'

/** Reads the figures of the last count. `command` is what the person typed after `ailab`. */
export type ReadUsage = (folder: string, command: string) => Promise<readonly PlaceUsage[]>

type Uses = { readUsage: ReadUsage; connect: Connect }

/** Adds `ailab data` to the command line. */
export function addData(program: Command, { readUsage, connect }: Uses): void {
  const data = program
    .command('data')
    .description('Tells what the folders of the lab hold; lists, verifies and copies its datasets.')
  addUsage(data, readUsage)
  addDatasets(data, connect)
}

function addUsage(data: Command, readUsage: ReadUsage): void {
  data
    .command('usage [path]')
    .description("What people's folders and the folders of shared/ hold; with a path, the biggest folders in it.")
    .option('--json', 'print one JSON object, for scripts')
    .addHelpText('after', help)
    .action(async (path: string | undefined, { json }: { json?: true }, command: Command) => {
      try {
        const { folder } = command.optsWithGlobals<{ folder: string }>()
        const all = await readUsage(folder, 'data usage')
        const asked = path === undefined || all.length === 0 ? all : [find(all, path)]
        process.stdout.write(`${json ? jsonOf(asked) : textOf(asked, path)}\n`)
      } catch (error) {
        process.stderr.write(`${error instanceof Problem ? error.detail : reasonOf(error)}\n`)
        process.exitCode = 1
      }
    })
}

function textOf(asked: readonly PlaceUsage[], path: string | undefined): string {
  const style = { columns: Math.min(Math.max(process.stdout.columns ?? 100, 60), 140), now: Date.now() }
  const [only] = asked
  return path === undefined || !only ? usageTable(asked, style) : folderTable(only, style)
}

function find(all: readonly PlaceUsage[], path: string): PlaceUsage {
  const wanted = octetsOf(path.replace(/\/+$/, ''))
  const found = all.find((each) => each.path === wanted || each.path === `users/${wanted}`)
  if (found) return found
  throw new Error(`No folder ${path} was counted. The command without a path lists those that were.`)
}

function jsonOf(all: readonly PlaceUsage[]): string {
  const items = all.map(({ kind, path, userId, count, missed, limitBytes, standing, countedAt, biggest }) => ({
    kind,
    path: shown(path),
    user_id: userId,
    bytes: count.bytes,
    size_bytes: count.sizeBytes,
    files: count.files,
    folders: count.folders,
    not_counted_folders: missed,
    limit_bytes: limitBytes,
    standing,
    counted: new Date(countedAt).toISOString(),
    biggest_folders: biggest.map((folder) => ({
      path: shown(folder.path),
      bytes: folder.count.bytes,
      files: folder.count.files,
    })),
  }))
  return JSON.stringify({ items }, null, 2)
}

const help = `
The service counts, at USAGE_INTERVAL and at the times of USAGE_RECOUNT; this command reads the last count, whether the service
runs or not. Sizes are what the files take on the disk, as du counts them:

  bin/ailab data usage
  bin/ailab data usage users/demo@ailab.com
  docker exec ai-lab-backend ailab data usage`
