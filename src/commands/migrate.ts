import { styleText } from 'node:util'
import type { Command } from 'commander'
import { exitCodeOf, type MigrationPlan, type MigrationResult, workOf } from '../domain/migration/migration-plan.ts'
import { printable } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { endInWords, planInWords, type Section, type Wording } from './migration-words.ts'
import { createProgressLine, percentDone, progressInWords } from './progress-line.ts'

type Options = { from: string; map?: string; apply?: true; json?: true }

/** An open migration, as the command uses it. */
export type Migration = AsyncDisposable & {
  wording: Wording
  plan(onSeen: () => void): Promise<MigrationPlan>
  apply(plan: MigrationPlan, onCarried: (files: number, bytes: number) => void): Promise<MigrationResult>
  report(plan: MigrationPlan, result: MigrationResult | null): object
  /** Writes the report; returns its path. */
  save(report: object): Promise<string>
}

type Open = (folder: string, options: { from: string; map: string | null }) => Promise<Migration>

/** Adds `ailab migrate` to the command line. */
export function addMigrate(program: Command, open: Open): void {
  program
    .command('migrate')
    .description(
      'Merges the data root of an earlier platform into this one. Without --apply it only tells what it would do.',
    )
    .requiredOption('--from <path>', 'the legacy root; it is read and never changed')
    .option('--map <file>', 'whose the legacy folders are: lines such as demo_at_ailab_com = demo@ailab.com')
    .option('--apply', 'copy')
    .option('--json', 'print one JSON object, for scripts')
    .addHelpText('after', help)
    .action(async (options: Options, command: Command) => {
      process.exitCode = await migrate(open, options, command.optsWithGlobals().folder).catch(failed)
    })
}

const help = `
It may be ended at any moment and run again: it goes on where it was. Nothing is overwritten: where both roots
have a file of one name, the legacy one becomes <name>.from-legacy.

Exit codes: 0 all is migrated, or ready to be with --apply; 1 it failed, or something could not be copied;
2 something waits for your decision: folders of which it is not known whose they are, things at no known place.`

async function migrate(open: Open, options: Options, folder: string): Promise<number> {
  const { stdout, stderr } = process
  const { now } = Date
  const say = (sections: Section[]) => {
    const text = sections
      .map(([heading = '', ...lines]) => [styleText('bold', heading, { stream: stdout }), ...lines].join('\n'))
      .join('\n\n')
    if (!options.json) stdout.write(`${text}\n\n`)
  }
  const progress = createProgressLine(options.json ? { write: () => {} } : stderr, now)
  await using migration = await open(folder, { from: options.from, map: options.map ?? null })

  let seen = 0
  const plan = await migration.plan(() => {
    seen += 1
    progress.update(() => ({ words: `looking: ${seen.toLocaleString('en')} entries`, percent: null }))
  })
  progress.end()
  say(planInWords(plan, migration.wording))

  const result = options.apply && plan.space.every(({ fits }) => fits) ? await apply() : null
  const report = migration.report(plan, result)
  const saved =
    result && (await migration.save(report).catch((error: unknown) => `could not be written: ${reasonOf(error)}`))
  say([...endInWords(plan, result, commandOf(options)), ...(saved ? [[`The whole report: ${saved}`]] : [])])
  if (options.json) stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return exitCodeOf(plan, result)

  async function apply(): Promise<MigrationResult> {
    const total = workOf(plan.surveys)
    const done = { files: 0, bytes: 0 }
    const startedAt = now()
    const result = await migration.apply(plan, (files, bytes) => {
      done.files += files
      done.bytes += bytes
      progress.update(() => ({
        words: progressInWords(done, total, now() - startedAt),
        percent: percentDone(done, total),
      }))
    })
    progress.end()
    return result
  }
}

function commandOf({ from, map }: Options): string {
  return `bin/ailab migrate --from ${shellQuote(from)}${map ? ` --map ${shellQuote(map)}` : ''}`
}

function failed(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${message.split('\n').map(printable).join('\n')}\n`)
  return 1
}
