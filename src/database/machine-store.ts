import type { MachineSample } from '../domain/machine.ts'
import type { MachineStore } from '../ports/machine-store.ts'
import type { Database } from './open.ts'
import type { Tables } from './tables.ts'
import { writingTogether } from './writing.ts'

/** Records of how busy the machine was, in SQL. */
export function createMachineStore({ db }: Pick<Database, 'db'>): MachineStore {
  return {
    async record(sample, { keepFrom }) {
      const row = toRow(sample)
      await writingTogether(db, async (trx) => {
        await trx
          .insertInto('machine_samples')
          .values(row)
          .onConflict((conflict) => conflict.column('at').doUpdateSet(row))
          .execute()
        await trx.deleteFrom('machine_samples').where('at', '<', keepFrom).execute()
      })
    },

    async since(time) {
      const rows = await db.selectFrom('machine_samples').selectAll().where('at', '>=', time).orderBy('at').execute()
      return rows.map(fromRow)
    },
  }
}

function toRow({ at, memory, cpuPercent, disk, running, waiting }: MachineSample): Tables['machine_samples'] {
  return {
    at,
    memory_used: memory.usedBytes,
    memory_total: memory.totalBytes,
    cpu_permille: Math.round(cpuPercent * 10),
    disk_used: disk?.usedBytes ?? null,
    disk_total: disk?.totalBytes ?? null,
    running,
    waiting,
  }
}

function fromRow(row: Tables['machine_samples']): MachineSample {
  const { at, memory_used, memory_total, cpu_permille, disk_used, disk_total, running, waiting } = row
  return {
    at,
    memory: { usedBytes: memory_used, totalBytes: memory_total },
    cpuPercent: cpu_permille / 10,
    disk: disk_used === null || disk_total === null ? null : { usedBytes: disk_used, totalBytes: disk_total },
    running,
    waiting,
  }
}
