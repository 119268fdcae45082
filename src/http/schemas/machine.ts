import { z } from 'zod'
import type { MachineSample } from '../../domain/machine.ts'
import { isoTime, time } from './common.ts'

const bytes = z.int()

const sampleBody = z
  .object({
    at: time.describe('The beginning of the minute'),
    memory_used_bytes: bytes.describe('What programs hold, without the page cache'),
    memory_total_bytes: bytes,
    cpu_percent: z.number().describe('Of all cores together, 0 to 100, since the sample before'),
    disk_used_bytes: bytes.nullable().describe('On the disk of the data root; null while it does not answer'),
    disk_total_bytes: bytes.nullable(),
    environments_running: z.int(),
    environments_waiting: z.int().describe('In the queue of those that start'),
  })
  .meta({ id: 'MachineSample' })

export const machineBody = z.object({
  every_seconds: z.int().describe('The time between two samples; where more is missing, the service was away'),
  items: z.array(sampleBody),
  next_cursor: z.null(),
})

export function toSampleBody(sample: MachineSample): z.infer<typeof sampleBody> {
  const { at, memory, cpuPercent, disk, running, waiting } = sample
  return {
    at: isoTime(at),
    memory_used_bytes: memory.usedBytes,
    memory_total_bytes: memory.totalBytes,
    cpu_percent: cpuPercent,
    disk_used_bytes: disk?.usedBytes ?? null,
    disk_total_bytes: disk?.totalBytes ?? null,
    environments_running: running,
    environments_waiting: waiting,
  }
}
