/** The command line's process: `ailab`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { addDoctor } from './commands/doctor.ts'
import { addMigrate } from './commands/migrate.ts'
import { addRebuild } from './commands/rebuild.ts'
import { composeDoctor } from './compose-doctor.ts'
import { composeMigration } from './compose-migration.ts'
import { composeRebuild } from './compose-rebuild.ts'

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
addMigrate(program, composeMigration)
addRebuild(program, composeRebuild)

await program.parseAsync()
