/**
 * A whole service on a lab that was restored for a drill. It has no engine, and listens on a socket in the folder of the drill alone,
 * which nobody but the service's user enters: the people of the backup have their tokens there too.
 */
import { pino } from 'pino'
import { regainAccess } from '../accounts/first-admin.ts'
import { readOrder, writeLine } from '../disk/pipe.ts'
import type { LabRecords } from '../domain/backups/records.ts'
import { askSocket } from '../lib/ask-socket.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { systemClock } from '../lib/system-clock.ts'
import { loadConfig } from '../settings/config.ts'
import { openBeside } from './beside-service.ts'
import { noEngine } from './no-engine.ts'
import { assembleService } from './service.ts'

/** The order of a drill: the settings of the trial service, and nothing of the living one's. */
export type TrialOrder = { root: string; settings: Record<string, string> }

// Relative, because the path of a socket may have a hundred bytes only. The process works in the folder of the drill.
const socket = 'service.sock'

/** Writes its answer as a line, or one sentence to the standard error. */
export async function runTrialService(): Promise<void> {
  try {
    writeLine(JSON.stringify(await serveAndAsk((await readOrder()) as TrialOrder)))
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}

async function serveAndAsk({ root, settings }: TrialOrder): Promise<LabRecords> {
  const config = loadConfig(root, { ...settings, ...forTrial, DATA_DIR: root, BACKUP_KEY_FILE: `${root}/no-key` })
  const logger = pino({ level: 'silent' })
  await using service = await assembleService(config, { logger, version: 'drill', engine: noEngine, restic: null })
  await service.app.listen({ path: socket })
  await using beside = await openBeside(config, 'drill')
  const { secret } = await regainAccess({ accounts: beside.accounts, clock: systemClock })
  return { people: await all('/api/users', secret), environments: await all('/api/environments', secret) }
}

const forTrial = { BACKUP_SCHEDULE: 'off', BACKUP_CHECK_SCHEDULE: 'off', USAGE_RECOUNT: 'off', USAGE_INTERVAL: 'off' }

/** The ids of all items of a list. */
async function all(path: string, token: string): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? 'limit=200' : `limit=200&cursor=${encodeURIComponent(cursor)}`
    const page = (await askSocket(socket, `${path}?${query}`, token)) as Page
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.next_cursor
  }
  return ids
}

type Page = { items: { id: string }[]; next_cursor: string | null }
