import { pino } from 'pino'
import type { Finding } from '../../src/domain/proof/proof.ts'
import { createWaitingApp } from '../../src/http/waiting-app.ts'
import { systemClock } from '../../src/lib/system-clock.ts'

/** The app that answers while a lab's data root is away. */
export async function waitingApp(given: Partial<Parameters<typeof createWaitingApp>[0]> = {}) {
  return createWaitingApp({
    health: { latest: () => null, measure: async () => {} } as never,
    authenticate: null,
    version: '0.0.0',
    clock: systemClock,
    closing: new AbortController().signal,
    requests: { answered: () => {}, refused: () => {} },
    finding: () => ({ code: 'data-root-missing', detail: 'The disk is away.', remedy: 'Mount it.' }) as Finding,
    trustProxy: [],
    publicUrl: 'http://localhost:5555',
    behindProxy: false,
    problemsText: async () => '## no-room\n\nThe disk is full.\n',
    logger: pino({ level: 'silent' }),
    ...given,
  })
}
