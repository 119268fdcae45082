/** The assembly of `ailab open`. */
import type { Opening } from '../commands/open.ts'
import { environmentToOpen } from '../environments/to-open.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { besideService } from './beside-service.ts'

/** Finds an environment, and where a browser opens it. @throws Error with a sentence for the administrator */
export function findOpening(folder: string, id: string): Promise<Opening> {
  return besideService(folder, `open ${shellQuote(id)}`, async ({ store, config }) => {
    const environment = await environmentToOpen(store, config.environments, id)
    return { url: `${config.publicUrl}/open/${id}`, environment }
  })
}
