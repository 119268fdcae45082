import { expect, test } from 'vitest'
import { startOfLiving } from '../../../src/disk/process-life.ts'

/** A line as in proc_pid_stat(5): pid (name) state ppid pgrp session tty tpgid flags … starttime …. */
function stat({ name = 'perl', state = 'S', flags = 0x400100 } = {}): string {
  const between = Array.from({ length: 12 }, (_, index) => index).join(' ')
  return `42 (${name}) ${state} 1 42 42 0 -1 ${flags} ${between} 139794 8192 0\n`
}

test('a living process has the start time of its line', () => {
  expect(startOfLiving(stat())).toBe('139794')
  expect(startOfLiving(stat({ name: ') Z 1 (' }))).toBe('139794')
})

// Trouble (mounts): a container ends while the proof looks at it
test('a process that is ending or has ended has no start time', () => {
  expect(startOfLiving(stat({ flags: 0x400104 }))).toBeNull() // the kernel takes its root away while its state is still S
  expect(startOfLiving(stat({ state: 'Z' }))).toBeNull()
  expect(startOfLiving(stat({ state: 'X' }))).toBeNull()
  expect(startOfLiving('')).toBeNull()
})
