// Installs the dependencies if they are missing or older than package-lock.json; otherwise returns at once.
// Plain JavaScript for any Node from 18 on: Node 24, which runs everything else, is one of the dependencies.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const runtime = join(root, 'node_modules/.bin/node')
const changedAt = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0

// npm writes the second file last, so an interrupted installation counts as missing.
const isCurrent = existsSync(runtime) && changedAt('node_modules/.package-lock.json') >= changedAt('package-lock.json')
if (!isCurrent) await install()

async function install() {
  console.log('Installing dependencies with npm ci (a minute or so) …')
  const npmCi = spawn(systemNode(), [npm(), 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // In an npm script PATH begins with node_modules/.bin, and npm is about to replace the node in there.
    env: { ...process.env, PATH: searchPath().join(delimiter) },
    stdio: 'inherit',
  })
  const interrupted = interruptionOf(npmCi)
  const [status] = await once(npmCi, 'close')
  if (interrupted()) process.exit(130)
  if (status !== 0) fail('npm ci failed, for the reason above. Set that right and run the same command again.')
  if (!existsSync(runtime)) {
    fail(
      'npm ci did not set up Node 24: the package `node` needs its install script. Is `ignore-scripts` set for npm? ' +
        'Run `npm config delete ignore-scripts`, remove node_modules, and run the same command again.',
    )
  }
}

/**
 * Ctrl-C reaches npm too, which then takes back what it has begun. This script ends after it: an npm that goes on beside
 * the prompt would break the next installation.
 */
function interruptionOf(npmCi) {
  let interrupted = false
  const onSignal = (signal) => {
    if (signal === 'SIGTERM') npmCi.kill(signal)
    if (!interrupted) console.error('\nInterrupted. npm takes back what it has begun. Ctrl-C again ends it at once …')
    interrupted = true
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, onSignal)
  return () => interrupted
}

function searchPath() {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
}

function systemNode() {
  const folder = searchPath().find((folder) => existsSync(join(folder, 'node')))
  return folder === undefined ? process.execPath : join(folder, 'node')
}

function npm() {
  if (process.env.npm_execpath) return process.env.npm_execpath
  return fail('Run this through npm: `npm start` or `npm test`.')
}

function fail(sentence) {
  console.error(`\n${sentence}`)
  process.exit(1)
}
