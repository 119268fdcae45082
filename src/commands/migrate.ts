import { Command } from 'commander'
import { exitCodeOf, type MigrationPlan, type MigrationResult, workOf } from '../domain/migration-plan.ts'
import { emphasized } from '../lib/emphasis.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { endInWords, planInWords, type Section, type Wording } from './migration-words.ts'
import { createProgressLine, type Output, progressInWords } from './progress-line.ts'

type Options = { from: string; map?: string; apply?: true; json?: true }

/** A migration that is open: what the command does with it. */
export type Migration = AsyncDisposable & {
  wording: Wording
  plan(onSeen: () => void): Promise<MigrationPlan>
  apply(plan: MigrationPlan, onCarried: (files: number, bytes: number) => void): Promise<MigrationResult>
  report(plan: MigrationPlan, result: MigrationResult | null): object
  /** Writes the report; gives its path. */
  save(report: object): Promise<string>
}

type Deps = {
  open(folder: string, options: { from: string; map: string | null }): Promise<Migration>
  stdout: Output
  stderr: Output
  now(): number
  exit(code: number): void
}

/** `ailab migrate` */
export function migrateCommand(deps: Deps): Command {
  return new Command('migrate')
    .description(
      'Merges the data root of an earlier platform into this one. Without --apply it only tells what it would do.',
    )
    .requiredOption('--from <path>', 'the legacy root; it is read and never changed')
    .option('--map <file>', 'whose the legacy folders are: lines such as demo_at_ailab_com = demo@ailab.com')
    .option('--apply', 'copy')
    .option('--json', 'one JSON document instead of words')
    .addHelpText('after', help)
    .action((options: Options, command: Command) => migrate(deps, options, command.optsWithGlobals().folder))
}

const help = `
It may be ended at any moment and run again: it goes on where it was. Nothing is overwritten: where both roots
have a file of one name, the legacy one becomes <name>.from-legacy.

Exit codes: 0 all is migrated, or ready to be with --apply; 1 it failed, or something could not be copied;
2 something waits for your decision: folders of which it is not known whose they are, things at no known place.`

async function migrate(deps: Deps, options: Options, folder: string): Promise<void> {
  const { stdout, stderr, now } = deps
  const say = (sections: Section[]) => {
    const text = sections.map(([heading = '', ...lines]) => [emphasized(heading), ...lines].join('\n')).join('\n\n')
    if (!options.json) stdout.write(`${text}\n\n`)
  }
  const progress = createProgressLine(options.json ? { write: () => {} } : stderr, now)
  await using migration = await deps.open(folder, { from: options.from, map: options.map ?? null })

  let seen = 0
  const plan = await migration.plan(() => {
    seen += 1
    progress.update(() => `looking: ${seen.toLocaleString('en')} entries`)
  })
  progress.end()
  say(planInWords(plan, migration.wording))

  const result = options.apply && plan.space.every(({ fits }) => fits) ? await apply() : null
  const report = migration.report(plan, result)
  const saved =
    result && (await migration.save(report).catch((error: unknown) => `could not be written: ${reasonOf(error)}`))
  say([...endInWords(plan, result, commandOf(options)), ...(saved ? [[`The whole report: ${saved}`]] : [])])
  if (options.json) stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  deps.exit(exitCodeOf(plan, result))

  async function apply(): Promise<MigrationResult> {
    const total = workOf(plan.surveys)
    const done = { files: 0, bytes: 0 }
    const startedAt = now()
    const result = await migration.apply(plan, (files, bytes) => {
      done.files += files
      done.bytes += bytes
      progress.update(() => progressInWords(done, total, now() - startedAt))
    })
    progress.end()
    return result
  }
}

function commandOf({ from, map }: Options): string {
  return `bin/ailab migrate --from ${shellQuote(from)}${map ? ` --map ${shellQuote(map)}` : ''}`
}
