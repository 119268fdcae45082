import { z } from 'zod'
import { keptHours, sampleEveryMs } from '../../domain/machine.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MachineStore } from '../../ports/machine-store.ts'
import type { App } from '../app-type.ts'
import { answer } from '../documented.ts'
import { machineBody, toSampleBody } from '../schemas/machine.ts'

const hourMs = 3_600_000

export function machineRoute(app: App, { store, clock }: { store: Pick<MachineStore, 'since'>; clock: Clock }): void {
  app.get(
    '/admin/machine',
    {
      config: { action: 'machine:see' },
      schema: {
        tags: ['health'],
        operationId: 'getMachine',
        summary: 'How busy the machine was in the last hours, minute by minute, for plots',
        description: 'A minute without a sample is one in which the service did not run.',
        querystring: z.object({
          hours: z.coerce.number().int().min(1).max(keptHours).optional().describe('How far back; if left out, all'),
        }),
        response: { 200: answer(machineBody, 'The oldest first') },
      },
    },
    async ({ query: { hours = keptHours } }) => ({
      every_seconds: sampleEveryMs / 1000,
      items: (await store.since(clock.now() - hours * hourMs)).map(toSampleBody),
      next_cursor: null,
    }),
  )
}
