import { readdir } from 'node:fs/promises'
import { type UserId, userId } from '../domain/people/user-id.ts'

/** Whose folders are in `users/`. What is no folder of a person's id is left out. */
export async function userFolders(root: string): Promise<UserId[]> {
  const entries = await readdir(`${root}/users`, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => exactly(name) ?? [])
}

function exactly(name: string): UserId | null {
  const { data } = userId.safeParse(name)
  return data === name ? data : null
}
