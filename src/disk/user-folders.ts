import { readdir } from 'node:fs/promises'
import { type UserId, userId } from '../domain/people/user-id.ts'

/** The people who have a folder in `users/`. It leaves out entries that are no folder, or whose name is no person's id. */
export async function userFolders(root: string): Promise<UserId[]> {
  const entries = await readdir(`${root}/users`, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => exactly(name) ?? [])
}

function exactly(name: string): UserId | null {
  const { data } = userId.safeParse(name)
  return data === name ? data : null
}
