/** A folder takes more than this when it is empty: nothing can be written. */
const stoppedBytes = 4_096
/** Beside what files take, Btrfs writes their names and checksums. */
const leastBesidesBytes = 2 ** 24
const besidesPart = 0.25

/** What the file system lets a person's folder take: what they have in the trash counts for them too. Null: no limit. */
export function quotaOf(limitBytes: number | null, trashBytes: number): number | null {
  return limitBytes === null ? null : Math.max(limitBytes - trashBytes, Math.min(limitBytes, stoppedBytes))
}

/** How much more the quota allows while the service brings something into the folder. */
export function allowanceFor(comingBytes: number): number {
  return comingBytes + Math.max(leastBesidesBytes, Math.ceil(comingBytes * besidesPart))
}

/** How much of an entry of the trash may come back: as much as would fit if it were not in the trash. */
export function returningBytes({ limitBytes, trashBytes }: { limitBytes: number; trashBytes: number }, bytes: number) {
  return Math.min(bytes, Math.max(limitBytes - trashBytes + bytes, 0))
}
