const leastBytes = 1_024

/**
 * The bytes for which an entry counts in the trash, with all that is in it. `names`: of files, links and folders. A name takes room that no blocks
 * show: otherwise a million empty files would count for nothing.
 */
export function weightInTrash(bytes: number, names: number): number {
  return Math.max(Math.round(bytes), leastBytes * names)
}
