/** The service's process. */
import { readFileSync } from 'node:fs'
import { createLogger, runProcess } from './assembly/run-process.ts'
import { serve } from './assembly/serve.ts'
import type { Service } from './assembly/service.ts'
import { startBanner } from './assembly/start-banner.ts'
import { type WaitingFor, waitingNotice } from './assembly/waiting-notice.ts'
import { endDespiteHangs } from './lib/end-despite-hangs.ts'
import { typedByHand } from './lib/typed-by-hand.ts'
import { type Config, loadConfig, readSettings } from './settings/config.ts'
import { explain, inWords } from './settings/explain.ts'
import { haveThreads } from './settings/threads.ts'
import { haveTimeZone } from './settings/time-zone.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

// Only `npm start` asks for the banner: elsewhere the output is for programs.
const byHand = process.argv.includes('--welcome')
const stopsEngine = process.argv.includes('--stops-engine')

haveThreads()
try {
  await start()
} catch (error) {
  const told = inWords(explain(error))
  const words = byHand ? typedByHand(told) : told
  process.stderr.write(`${words}\n`, () => endDespiteHangs(1))
  process.exitCode = 1
}

async function start(): Promise<void> {
  const folder = process.cwd()
  const settings = readSettings(folder)
  haveTimeZone(settings)
  const logger = await createLogger(settings.values, { byHand })
  const load = () => loadConfig(folder)
  await runProcess(logger, (signal) => serve(load, { logger, version, signal, onUp, onWaiting }))

  async function onUp(
    { dataRoot, madeAdmin, adminTokenFile, firstAdminLink }: Service,
    { publicUrl }: Config,
  ): Promise<void> {
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
