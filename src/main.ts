/** The service's process. */
import { readFileSync } from 'node:fs'
import closeWithGrace from 'close-with-grace'
import { type Logger, pino } from 'pino'
import { composeService } from './compose.ts'
import { ConfigError, loadConfig } from './config.ts'
import { welcome } from './welcome.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

// Only `npm start` asks for it: elsewhere the output is for programs.
const byHand = process.argv.includes('--welcome')

try {
  await start()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}

async function start(): Promise<void> {
  const config = loadConfig(process.cwd())
  const logger = await createLogger(config.logLevel)
  await using stack = new AsyncDisposableStack()
  const service = stack.use(await composeService(config, { logger, version }))
  await service.app.listen({ port: config.port, host: config.host })
  const open = stack.move()
  closeWithGrace({ delay: 30_000, logger: false }, async ({ err }) => {
    if (err) logger.fatal({ err }, 'the service ends: something went wrong that nobody caught')
    await open.disposeAsync()
  })
  logger.info({ version, url: config.publicUrl, data_root: service.dataRoot.path }, 'the service is up')
  if (service.madeAdmin) logger.info({ file: service.adminTokenFile }, 'the first admin token was written to this file')
  if (byHand) process.stdout.write(welcome({ url: config.publicUrl, tokenFile: service.adminTokenFile }))
}

/** Lines of JSON; for a person at a terminal, lines to read. pino-pretty is there in development only. */
async function createLogger(level: string): Promise<Logger> {
  const options = { level, redact: ['*.token', '*.secret'] }
  if (!byHand || !process.stdout.isTTY) return pino(options)
  const { default: pretty } = await import('pino-pretty')
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }))
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `The configuration is wrong:\n${error.message}`
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}\nAnother program listens there. Stop it, or set PORT.`
  }
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\nThe reason: ${error.cause.message}` : error.message
}
