import { type Check, note, ok, problem, warning } from '../../domain/doctor/check.ts'
import type { Observations } from '../observations.ts'

/** Is the service up, and is it healthy by its own account? */
export function checkService({ service, settings }: Observations): Check[] {
  const where = `port ${settings.port}`
  if (service.kind === 'unseen') {
    const { hangs, reason } = service
    if (!hangs) return [note('service', `Its health cannot be read: ${reason}.`)]
    return [
      warning('service', {
        summary: `Something on ${where} does not answer in time.`,
        detail: `Something listens on ${where}, but ${reason}.`,
        remedy: `See its log, or restart it: docker restart ${settings.backendName}`,
      }),
    ]
  }
  if (service.value === null)
    return [note('service', `It does not run, or has another PORT: nobody listens on ${where}.`)]
  if (!service.value.live) return [note('service', `Another program listens on ${where}.`)]
  const { health } = service.value
  if (health === null) return [note('service', `It runs on ${where}, but tells no health.`)]
  if (health.status === 'healthy') return [ok('service', `It runs on ${where}, and is healthy.`)]
  const tell = health.status === 'unhealthy' ? problem : warning
  return [
    tell('service', {
      summary: `It runs on ${where}, and is ${health.status}.`,
      detail: `The service says of itself that it is ${health.status}: ${health.words.join(' ')}`,
      remedy: 'The other checks tell why. It heals by itself once the cause is gone.',
    }),
  ]
}
