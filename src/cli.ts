/** The command line's process: `ailab`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { readUsage } from './assembly/data.ts'
import { assembleDoctor } from './assembly/doctor.ts'
import { assembleForgetRoot } from './assembly/forget-root.ts'
import { assembleMigration } from './assembly/migration.ts'
import { findOpening } from './assembly/open.ts'
import { assembleRebuild } from './assembly/rebuild.ts'
import { listWholeBackups, restoreWholeLab } from './assembly/restore.ts'
import { runGateway } from './assembly/serve-gateway.ts'
import { assembleToken } from './assembly/token.ts'
import { openUninstall } from './assembly/uninstall.ts'
import { manageUsers } from './assembly/user.ts'
import { addData } from './commands/data.ts'
import { addDoctor } from './commands/doctor.ts'
import { addForgetRoot } from './commands/forget-root.ts'
import { addGateway } from './commands/gateway.ts'
import { addMigrate } from './commands/migrate.ts'
import { addOpen } from './commands/open.ts'
import { addRebuild } from './commands/rebuild.ts'
import { addRestore } from './commands/restore.ts'
import { addToken } from './commands/token.ts'
import { addUninstall } from './commands/uninstall.ts'
import { addUser } from './commands/user.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('ailab')
  .description('Looks after the data root of the AI Lab Platform.')
  .version(version)
  .option(
    '--folder <path>',
    'where production.env and the compose file are',
    fileURLToPath(new URL('..', import.meta.url)),
  )

program.addHelpText(
  'after',
  '\nIn a clone, bin/ailab images pulls or builds the images that the engine lacks (docs/images.md).',
)

addData(program, { readUsage })
addDoctor(program, assembleDoctor)
addForgetRoot(program, assembleForgetRoot)
addGateway(program, runGateway)
addMigrate(program, assembleMigration)
addOpen(program, findOpening)
addRebuild(program, assembleRebuild)
addRestore(program, { restore: restoreWholeLab, list: listWholeBackups })
addToken(program, assembleToken)
addUninstall(program, openUninstall)
addUser(program, manageUsers)

await program.parseAsync()
