import { existsSync } from 'node:fs'
import { Failure } from './failure.ts'
import { step } from './progress.ts'
import { run, tail } from './run.ts'

// A fresh machine updates itself first; apt says whom it waits for.
const waitForLock = ['-o', 'DPkg::Lock::Timeout=600']

let isListCurrent = false

export function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

/**
 * Installs Debian or Ubuntu packages. It is stopped with SIGINT: apt then lets dpkg finish, so that no package is left half
 * installed.
 */
export async function install(packages: string[], signal: AbortSignal): Promise<void> {
  await step(`Installing ${packages.join(', ')} with apt`, async (onLine) => {
    const options = { signal, onLine, stopSignal: 'SIGINT' as const, env: { DEBIAN_FRONTEND: 'noninteractive' } }
    await run('dpkg', ['--configure', '-a'], options)
    await updateList(signal)
    const install = ['install', '-y', '--no-install-recommends', ...waitForLock, ...packages]
    const { ok, output } = await run('apt-get', install, options)
    if (!ok) throw new Failure(`apt-get install ${packages.join(' ')} failed:\n${tail(output)}`)
  })
}

/** Whether this release has a package of that name. */
export async function has(name: string, signal: AbortSignal): Promise<boolean> {
  await updateList(signal)
  const { output } = await run('apt-cache', ['policy', name], { signal })
  return /Candidate: (?!\(none\))/.test(output)
}

async function updateList(signal: AbortSignal) {
  if (isListCurrent) return
  // Go on if one package source fails (an expired key of some vendor), as long as apt can get the packages.
  await run('apt-get', ['update'], { signal, stopSignal: 'SIGINT' })
  isListCurrent = true
}
