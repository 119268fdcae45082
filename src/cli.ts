/** The command line's process: `ailab`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { addDoctor } from './commands/doctor.ts'
import { composeDoctor } from './compose-doctor.ts'
import { migrateCommand } from './commands/migrate.ts'
import { composeMigration } from './compose-commands.ts'
import { printable } from './lib/printable.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('ailab')
  .description('Looks after the data root of the AI Lab Platform.')
  .version(version)
  .option(
    '--folder <path>',
    'where production.env and the compose file are',
    fileURLToPath(new URL('..', import.meta.url)),
  )

addDoctor(program, composeDoctor)
program.addCommand(
  migrateCommand({
    open: composeMigration,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    exit: (code) => {
      process.exitCode = code
    },
  }),
)

try {
  await program.parseAsync()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${message.split('\n').map(printable).join('\n')}\n`)
  process.exitCode = 1
}
