import { lookInto } from './look-into.ts'

/** The bytes in the trash that were in each person's folder. It writes nothing; `content` as for `troubleOfDatabase`. */
export function recordedTrash(file: string, content: Uint8Array | null): Map<string, number> {
  const trash = 'select user_id, total(bytes) from trash where user_id is not null group by user_id'
  return new Map(lookInto(file, content, (sqlite) => sqlite.prepare<[], [string, number]>(trash).raw().all()))
}
