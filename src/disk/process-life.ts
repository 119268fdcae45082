/** Whether a process was alive during a look at it, told by its line in /proc/<pid>/stat. */

// PF_EXITING: the kernel sets it before it takes anything away from a process that ends.
const exitingFlag = 0x4

/**
 * The start time of a process that is not ending (field 22: clock ticks since the machine's start); null of one that is.
 * The same number before and after a look means that the same process had its root and its mounts all the time: a
 * number of a process may be given to another one, and one that ends has no root any more. proc_pid_stat(5).
 */
export function startOfLiving(stat: string): string | null {
  // The second field is the program's name in parentheses, with any character in it.
  const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [flags, startedAt] = [Number(rest[5]), rest[18]]
  const isEnding = /^[ZXx]$/.test(state) || (flags & exitingFlag) !== 0
  return isEnding || !startedAt ? null : startedAt
}
