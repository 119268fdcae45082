import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A time of day that jumps, for a process that gets `env`. Its steady clock goes on, as on a machine whose time is set. */
export type JumpingClock = {
  env: Record<string, string>
  /** Sets the time to so many hours from the machine's. */
  jumpTo(hours: number): Promise<void>
}

export async function createJumpingClock(file: string): Promise<JumpingClock> {
  const { stdout } = await promisify(execFile)('dpkg', ['--listfiles', 'libfaketime'])
  const library = stdout.split('\n').find((path) => path.endsWith('/libfaketimeMT.so.1'))
  if (!library) throw new Error('The package libfaketime has no libfaketimeMT.so.1.')
  const jumpTo = (hours: number) => writeFile(file, `${hours < 0 ? '' : '+'}${hours}h\n`)
  await jumpTo(0)
  return {
    // Without DONT_FAKE_MONOTONIC the steady clock would jump too, which it never does on a machine, and Node would abort.
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    jumpTo,
  }
}
