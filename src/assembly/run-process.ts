/** A long-lived process: its log, and its end by a signal. */
import closeWithGrace from 'close-with-grace'
import { type Logger, pino } from 'pino'
import { endDespiteHangs } from '../lib/end-despite-hangs.ts'
import { localIsoTime } from '../lib/local-iso-time.ts'
import { interruptions, onInterruption } from '../lib/on-interruption.ts'
import type { Settings } from '../settings/config.ts'
import { findingsInWords } from './findings-in-words.ts'

/** Runs `serve` until a signal ends it, politely at first. */
export async function runProcess(logger: Logger, serve: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const ending = new AbortController()
  const serving = serve(ending.signal)
  const abruptly = () => {
    endDespiteHangs(1)
    process.exit(1)
  }
  const impatience = { skip: [...interruptions], onTimeout: abruptly, onSecondError: abruptly }
  const grace = closeWithGrace({ delay: 30_000, logger: false, ...impatience }, async ({ err }) => {
    if (err) logger.fatal({ err }, 'the process ends because of an error that it did not expect')
    ending.abort()
    await serving.catch(() => {})
    endDespiteHangs(err ? 1 : 0)
  })
  const stopListening = onInterruption(grace.close, abruptly)
  try {
    await serving // after that the signal that ended it may come once more
  } catch (error) {
    stopListening()
    throw error
  } finally {
    grace.uninstall() // otherwise it would end the process as if all were well
  }
}

/** Logs lines of JSON; for a person at a terminal, lines to read. pino-pretty is there in development only. */
export async function createLogger(
  { LOG_LEVEL: level, LOG_TIME }: Pick<Settings['values'], 'LOG_LEVEL' | 'LOG_TIME'>,
  { byHand }: { byHand: boolean },
): Promise<Logger> {
  const options = { level, redact: ['*.token', '*.secret', '*.password', '*.current_password', '*.cookie'] }
  if (!byHand || !process.stdout.isTTY) return pino({ ...options, ...(LOG_TIME === 'iso' && { timestamp: isoTime }) })
  const { default: pretty } = await import('pino-pretty')
  const customPrettifiers = { finding: findingsInWords, findings: findingsInWords }
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', customPrettifiers }))
}

function isoTime(): string {
  return `,"time":"${localIsoTime(new Date())}"`
}
