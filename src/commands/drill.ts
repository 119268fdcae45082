import type { Command } from 'commander'
import { sizeInWords } from '../lib/size-in-words.ts'
import { type Connect, followJob, onService, withService } from './on-service.ts'
import { countOf, durationInWords } from './words.ts'

/** Adds `ailab drill` to the command line. */
export function addDrill(program: Command, connect: Connect): void {
  const command = program
    .command('drill')
    .description('Practises a restore: restores the newest backup beside the lab, looks at it, and throws it away.')
    .addHelpText('after', help)
  withService(command).action((_options: unknown, own: Command) =>
    onService(connect, async (on) => {
      const begunAt = performance.now()
      const begun = (await on.service.ask('POST', '/api/admin/backups/drill', { signal: on.signal })) as { id: string }
      try {
        const { result } = await followJob(on, begun)
        return drillText(result as DrillResult, performance.now() - begunAt)
      } catch (error) {
        // On Ctrl-C the drill ends too, and what it has restored goes.
        if (!on.signal.aborted) throw error
        await cancel(on, begun.id)
        throw on.signal.reason
      }
    })(own),
  )
}

const cancelLimitMs = 30_000

async function cancel({ service }: Parameters<Parameters<typeof onService>[1]>[0], id: string): Promise<void> {
  const signal = AbortSignal.timeout(cancelLimitMs)
  await service.ask('POST', `/api/jobs/${id}/cancel`, { signal }).catch(() => {}) // it has ended, or ends by itself
}

export type DrillResult = {
  backup_id: string
  backup_made: string
  people: number
  environments: number
  entries: number
  bytes: number
  left_out: { folder: string; reason: string }[]
}

export function drillText(result: DrillResult, tookMs: number): string {
  const { backup_id: id, backup_made: made, people, environments, entries, bytes, left_out: leftOut } = result
  const records = `${countOf(people, 'person', 'people')} and ${countOf(environments, 'environment')}`
  return [
    `The backup ${id} of ${made.slice(0, 16)}Z was restored beside the lab in ${durationInWords(tookMs)}.`,
    `Each of its ${countOf(entries, 'file or folder', 'files and folders')} (${sizeInWords(bytes)}) was read once more, and is what the backup says.`,
    `A service on it has the same ${records}.`,
    ...leftOut.map(({ folder, reason }) => `The backup itself lacks ${folder}: ${reason}`),
    'The restored lab was thrown away.',
    '',
  ].join('\n')
}

const help = `
The running service does it, in admin/drill of the data root: that disk needs as much free room as the backup is large. The
restored lab gets neither the container engine nor a port, so no environment is touched. Ctrl-C ends the drill, and removes what
it has restored. GET /api/admin/backups and /api/health tell when a restore was last practised.

Exit codes: 0 the backup can be restored, 1 it failed, or the service does not answer.`
