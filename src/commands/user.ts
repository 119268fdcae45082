import type { Command } from 'commander'
import type { ManageUsers } from '../accounts/manage-users.ts'
import { type UserId, userId, userIdRule } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { Connect } from './on-service.ts'
import { addRemoval } from './remove-person.ts'

type Uses = { users: ManageUsers; folderOf: (id: UserId) => string; linkOf: (code: string) => string }

/** Opens the records for some work. `command` is what the person typed after `ailab`. */
export type WithUsers = <T>(folder: string, command: string, work: (uses: Uses) => Promise<T>) => Promise<T>

/** Adds `ailab user` to the command line. */
export function addUser(program: Command, withUsers: WithUsers, connect: Connect): void {
  const user = program
    .command('user')
    .description('Adds, invites, disables, enables and removes people.')
    .addHelpText('after', help)

  /** Runs the work of a command about one person. It gives the sentence for the person who typed it. */
  const doing = (name: string, work: Work) => async (typed: string, options: Options, command: Command) => {
    try {
      const id = idOf(typed)
      const prepared = name === 'password' ? await readPassword(id) : ''
      const { folder } = command.optsWithGlobals<{ folder: string }>()
      const said = await withUsers(folder, `user ${name} ${id}`, (uses) => work(uses, id, options, prepared))
      process.stderr.write(`${said}\n`)
    } catch (error) {
      process.stderr.write(`${error instanceof Problem ? error.detail : reasonOf(error)}\n`)
      process.exitCode = 1
    }
  }

  const about = (name: string, description: string, work: Work) =>
    user.command(`${name} <id>`).description(description).action(doing(name, work))

  about('add', 'Adds a person, who has no password yet.', async ({ users }, id, { admin, tier = 'default' }) => {
    await users.add(id, { role: admin ? 'admin' : 'user', tier })
    return `${id} was added. Next: bin/ailab user invite ${id}`
  })
    .option('--admin', 'as an administrator')
    .option('--tier <tier>', 'the tier; "default" unless told')

  about('invite', 'Prints a link that signs a person in once, and lets them choose a password.', async (uses, id) => {
    const { code, expiresAt } = await uses.users.invite(id)
    process.stdout.write(`${uses.linkOf(code)}\n`)
    return `The link signs ${id} in once, until ${new Date(expiresAt).toISOString()}.`
  })

  about(
    'password',
    "Sets a person's password, which it asks for or reads from the standard input.",
    async (uses, id, _, password) => {
      await uses.users.setPassword(id, password)
      return `The password of ${id} was set, and their sessions were ended.`
    },
  )

  about('disable', "Ends a person's sessions and stops their tokens; their environments go on.", async (uses, id) => {
    await uses.users.disable(id)
    return `${id} is disabled. To undo it: bin/ailab user enable ${id}`
  })

  about('enable', 'Lets a disabled person sign in again; their tokens work again.', async (uses, id) => {
    await uses.users.enable(id)
    return `${id} is enabled: they may sign in, and their tokens work.`
  })

  const removeAlone = doing('remove', async (uses, id) => {
    await uses.users.remove(id)
    return `${id} was removed. Their folder stays, and a person of the same id who is added later gets it: ${uses.folderOf(id)}`
  })
  addRemoval(user, { connect, idOf, removeAlone: (typed, command) => removeAlone(typed, {}, command) })
}

type Options = { admin?: true; tier?: string }
type Work = (uses: Uses, id: UserId, options: Options, password: string) => Promise<string>

function idOf(typed: string): UserId {
  const id = userId.safeParse(typed)
  if (id.success) return id.data
  throw new Error(userIdRule)
}

/** From the terminal without showing it, else the first line of the standard input: arguments are seen by everybody. */
async function readPassword(id: UserId): Promise<string> {
  if (process.stdin.isTTY) {
    const { password, isCancel } = await import('@clack/prompts')
    const typed = await password({ message: `New password of ${id}` })
    if (isCancel(typed)) throw new Error('Nothing was changed.')
    return typed
  }
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
  return text.split(/\r?\n/, 1)[0] ?? ''
}

const help = `
These commands work while the service runs and while it does not, for everyone who may write the database of the data root;
a running service heeds them at once. Only a link goes to the standard output:

  bin/ailab user add alice@example.org && bin/ailab user invite alice@example.org
  docker exec ai-lab-backend ailab user invite alice@example.org

No command deletes a file of a person; "remove --files trash" puts their folder into the trash.`
