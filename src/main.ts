/** The service's process. */
import { readFileSync } from 'node:fs'
import closeWithGrace from 'close-with-grace'

import { type Logger, pino } from 'pino'
import { findingsInWords } from './assembly/findings-in-words.ts'
import { serve } from './assembly/serve.ts'
import type { Service } from './assembly/service.ts'
import { startBanner } from './assembly/start-banner.ts'
import { type WaitingFor, waitingNotice } from './assembly/waiting-notice.ts'
import { endDespiteHangs } from './lib/end-despite-hangs.ts'
import { interruptions, onInterruption } from './lib/on-interruption.ts'
import { typedByHand } from './lib/typed-by-hand.ts'
import { loadConfig } from './settings/config.ts'
import { explain } from './settings/explain.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

// Only `npm start` asks for the banner: elsewhere the output is for programs.
const byHand = process.argv.includes('--welcome')
const stopsEngine = process.argv.includes('--stops-engine')

try {
  await start()
} catch (error) {
  const words = byHand ? typedByHand(explain(error)) : explain(error)
  process.stderr.write(`${words}\n`, () => endDespiteHangs(1))
  process.exitCode = 1
}

async function start(): Promise<void> {
  const config = loadConfig(process.cwd())
  const logger = await createLogger(config.logLevel)
  const ending = new AbortController()
  const serving = serve(config, { logger, version, signal: ending.signal, onUp, onWaiting })
  const abruptly = () => {
    endDespiteHangs(1)
    process.exit(1)
  }
  const impatience = { skip: [...interruptions], onTimeout: abruptly, onSecondError: abruptly }
  const grace = closeWithGrace({ delay: 30_000, logger: false, ...impatience }, async ({ err }) => {
    if (err) logger.fatal({ err }, 'the service ends because of an error that it did not expect')
    ending.abort()
    await serving.catch(() => {})
    endDespiteHangs(err ? 1 : 0)
  })
  const stopListening = onInterruption(grace.close, abruptly)
  try {
    await serving
  } finally {
    grace.uninstall() // otherwise it would end the process as if all were well
    stopListening()
  }

  async function onUp({ dataRoot, madeAdmin, adminTokenFile, firstAdminLink }: Service): Promise<void> {
    const { publicUrl } = config
    logger.info({ version, url: publicUrl, data_root: dataRoot.path }, 'the service is up')
    if (madeAdmin) logger.info({ file: adminTokenFile }, 'the first admin token was written to this file')
    if (!byHand) return
    const link = await firstAdminLink()
    tell(startBanner({ url: publicUrl, tokenFile: adminTokenFile, link, stopsEngine }))
  }

  function onWaiting(finding: WaitingFor): void {
    if (byHand) tell(waitingNotice(finding))
  }
}

/** Writes to standard error: standard output has the log alone, for programs too. */
function tell(text: string): void {
  process.stderr.write(text)
}

/** Logs lines of JSON; for a person at a terminal, lines to read. pino-pretty is there in development only. */
async function createLogger(level: string): Promise<Logger> {
  const options = { level, redact: ['*.token', '*.secret', '*.password', '*.current_password', '*.cookie'] }
  if (!byHand || !process.stdout.isTTY) return pino(options)
  const { default: pretty } = await import('pino-pretty')
  const customPrettifiers = { finding: findingsInWords, findings: findingsInWords }
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', customPrettifiers }))
}
