import type { LabRecords } from '../domain/backups/records.ts'
import { lookInto } from './look-into.ts'

/** The ids of all people and environments, in order. It writes nothing; `content` as for `troubleOfDatabase`. */
export function recordedLab(file: string, content: Uint8Array | null): LabRecords {
  return lookInto(file, content, (sqlite) => {
    const ids = (table: 'accounts' | 'environments') =>
      sqlite.prepare<[], string>(`select id from ${table} order by id`).pluck().all()
    return { people: ids('accounts'), environments: ids('environments') }
  })
}
