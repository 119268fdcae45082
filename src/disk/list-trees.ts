import { readdirSync, statSync } from 'node:fs'
import { bytesOf, type Octets } from '../lib/octets.ts'

/**
 * The trees of a data root that are counted: each folder in `users/`, whoever it belongs to, then `shared` and `admin`. Leaves
 * out drafts of folders, whose names begin with a dot. Blocks: for the counting process only.
 */
export function listTrees(root: Octets): Octets[] {
  const people = readdirSync(bytesOf(`${root}/users`), { withFileTypes: true, encoding: 'latin1' })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => `users/${name}`)
  return [
    ...people.sort(),
    ...['shared', 'admin'].filter((name) =>
      statSync(bytesOf(`${root}/${name}`), { throwIfNoEntry: false })?.isDirectory(),
    ),
  ]
}
