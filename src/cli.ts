/** The command line's process: `ailab`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { addBackup } from './commands/backup.ts'
import { addData } from './commands/data.ts'
import { addDoctor } from './commands/doctor.ts'
import { addDrill } from './commands/drill.ts'
import { addFiles } from './commands/files.ts'
import { addForgetRoot } from './commands/forget-root.ts'
import { addGateway } from './commands/gateway.ts'
import { addMigrate } from './commands/migrate.ts'
import type { Connect } from './commands/on-service.ts'
import { addOpen } from './commands/open.ts'
import { addRebuild } from './commands/rebuild.ts'
import { addRestore } from './commands/restore.ts'
import { addToken } from './commands/token.ts'
import { addTrash } from './commands/trash.ts'
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

const connect: Connect = async (...args) => (await import('./assembly/connect.ts')).connect(...args)

// Each command loads only what it needs, when it runs: `ailab --help` takes a quarter of the CPU that loading everything takes.
addBackup(program, connect)
addData(program, { readUsage: async (...args) => (await import('./assembly/data.ts')).readUsage(...args), connect })
addDoctor(program, async (...args) => (await import('./assembly/doctor.ts')).assembleDoctor(...args))
addDrill(program, connect)
addFiles(program, connect)
addForgetRoot(program, async (...args) => (await import('./assembly/forget-root.ts')).assembleForgetRoot(...args))
addGateway(program, async (...args) => (await import('./assembly/serve-gateway.ts')).runGateway(...args))
addMigrate(program, async (...args) => (await import('./assembly/migration.ts')).assembleMigration(...args))
addOpen(program, async (...args) => (await import('./assembly/open.ts')).findOpening(...args))
addRebuild(program, async (...args) => (await import('./assembly/rebuild.ts')).assembleRebuild(...args))
addRestore(program, {
  restore: async (...args) => (await import('./assembly/restore.ts')).restoreWholeLab(...args),
  list: async (...args) => (await import('./assembly/restore.ts')).listWholeBackups(...args),
})
addToken(program, async (...args) => (await import('./assembly/token.ts')).assembleToken(...args))
addTrash(program, connect)
addUninstall(program, async (...args) => (await import('./assembly/uninstall.ts')).openUninstall(...args))
addUser(program, async (...args) => (await import('./assembly/user.ts')).manageUsers(...args), connect)

await program.parseAsync()
