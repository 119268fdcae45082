/** A check reads one slice of the data of the backups, the next check the one after it. Pure. */

const slices = 7

export type Slice = { nth: number; of: number }

/** As a check keeps it in its result, for example `3/7`. */
export function sliceText({ nth, of }: Slice): string {
  return `${nth}/${of}`
}

/** The slice after the one that the last check read; the first one if none has, or if it read others. */
export function nextSlice(lastRead: unknown): Slice {
  const last = Array.from({ length: slices }, (_, at) => at + 1).find(
    (nth) => sliceText({ nth, of: slices }) === lastRead,
  )
  return { nth: ((last ?? 0) % slices) + 1, of: slices }
}
