import type { Tree } from '../domain/files/tree.ts'
import type { Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'

/** @throws Problem forbidden unless the caller may do that with the files of the tree */
export function requireFiles(caller: Caller, what: 'see' | 'change', tree: Tree): void {
  if (tree.kind === 'shared')
    requireRight(caller, `shared-file:${what}`, {}, 'Only administrators change shared files.')
  else requireRight(caller, `file:${what}`, { owner: tree.userId }, "These are another person's files.")
}
