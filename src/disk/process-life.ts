/** Whether a process was alive during a look at it, by its line in /proc/<pid>/stat. */

// PF_EXITING: the kernel sets this flag before it takes anything away from an ending process.
const exitingFlag = 0x4

/**
 * The start time of a process (field 22: clock ticks since the machine's start); null if it is ending. If the start time is
 * the same before and after a look, the same process had its root and its mounts all the time. Both checks are needed: the
 * kernel gives a process's number to another one later, and an ending process has no root any more. proc_pid_stat(5).
 */
export function startOfLiving(stat: string): string | null {
  // The second field is the program's name in parentheses, with any character in it.
  const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [flags, startedAt] = [Number(rest[5]), rest[18]]
  const isEnding = /^[ZXx]$/.test(state) || (flags & exitingFlag) !== 0
  return isEnding || !startedAt ? null : startedAt
}
