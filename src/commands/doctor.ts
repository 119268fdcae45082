import type { Command } from 'commander'
import type { DoctorReport } from '../doctor/examine.ts'
import type { Repaired } from '../doctor/repair.ts'
import { exitCodes } from '../domain/doctor/check.ts'
import { type Fix, sentenceOf } from '../domain/doctor/fix.ts'
import { endDespiteHangs } from '../lib/end-despite-hangs.ts'
import { printable } from '../lib/printable.ts'
import { jsonOf, repairsAnything, textOf } from './examination-output.ts'
import { createProgress } from './progress.ts'

export type Doctor = {
  examine(onLook: (what: string) => void): Promise<DoctorReport>
  repair(fixes: readonly Fix[]): Promise<Repaired[]>
}

type Say = (text: string) => void

const ownTerminal: { say: Say; complain: Say } = {
  say: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
}

type Options = { json?: true; fix?: true; yes?: true }

const help = `
It changes nothing unless it is told to with --fix. It runs on the host and in the backend's container, with the
service running or not.

--fix repairs what is safe: HOST_DATA_PATH and DOCKER_GID in production.env (a backup is written first), a missing
production.env, the mode or the owner of one folder of the platform. It shows each repair and asks.

Exit codes: 0 nothing is wrong, 2 there are warnings, 3 there are problems, 1 the doctor could not do its work.
docs/doctor.md tells what each check means.`

/** Adds `ailab doctor` to the command line. */
export function addDoctor(program: Command, open: (folder: string) => Promise<Doctor>): void {
  program
    .command('doctor')
    .description('Checks that data root, settings, container engine and environments fit together.')
    .option('--json', 'print one JSON object, for scripts')
    .option('--fix', 'repair what is safe, after showing it and asking')
    .option('--yes', 'with --fix: do not ask')
    .addHelpText('after', help)
    .action(async (options: Options, command: Command) => {
      const doctor = await open(command.optsWithGlobals().folder)
      const code = await runDoctor(doctor, options).catch(failed)
      process.stdout.write('', () => endDespiteHangs(code)) // once it is all written
    })
}

/** Gives the exit code. */
export async function runDoctor(doctor: Doctor, options: Options, terminal = ownTerminal): Promise<number> {
  const { say, complain } = terminal
  const found = await examine(doctor)
  if (!options.fix) {
    say(options.json ? jsonOf(found, []) : textFor(found, { offersFix: true }))
    return exitCodes[found.status]
  }
  if (!options.json) say(`${textFor(found, { offersFix: false })}\n\n${plan(found)}`)
  const answer = found.fixes.length === 0 ? 'no' : options.yes ? 'yes' : await ask(options)
  if (answer === 'yes') return await fix(doctor, found, options, say)
  if (options.json) say(jsonOf(found, []))
  if (answer === 'no') return exitCodes[found.status]
  complain('Nothing was changed: there is nobody to ask here. With --yes these repairs are made.')
  return found.status === 'ok' ? exitCodes.ok : 1
}

async function fix(doctor: Doctor, found: DoctorReport, options: Options, say: Say): Promise<number> {
  const repaired = await doctor.repair(found.fixes)
  const after = await examine(doctor)
  const done = repaired.map(
    ({ fix, status, detail }) =>
      `${status === 'done' ? 'Done' : 'Failed'}: ${printable(sentenceOf(fix))}. ${printable(detail)}`,
  )
  say(options.json ? jsonOf(after, repaired) : `${done.join('\n')}\n\n${textFor(after, { offersFix: false })}`)
  return exitCodes[after.status]
}

function failed(error: unknown): number {
  process.stderr.write(`The doctor could not do its work: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
}

async function examine(doctor: Doctor): Promise<DoctorReport> {
  const progress = createProgress(process.stderr)
  try {
    return await doctor.examine(progress.show)
  } finally {
    progress.clear()
  }
}

async function ask({ json }: Options): Promise<'yes' | 'no' | 'nobody'> {
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) return 'nobody'
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: 'Make these repairs?', initialValue: false })
  return !isCancel(answer) && answer ? 'yes' : 'no'
}

function plan({ status, checks, fixes }: DoctorReport): string {
  if (fixes.length === 0) return 'There is nothing that --fix could repair.'
  const nothing = status === 'ok' ? 'Nothing needs a repair.' : 'Nothing of this can be repaired by --fix.'
  const heading = repairsAnything(checks) ? '--fix would' : `${nothing} If you like, --fix can`
  return [heading, ...fixes.map((each) => `  - ${printable(sentenceOf(each))}`)].join('\n')
}

function textFor(examination: DoctorReport, options: { offersFix: boolean }): string {
  return textOf(examination, { columns: process.stdout.columns ?? 100, ...options })
}
