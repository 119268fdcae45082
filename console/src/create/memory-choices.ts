/**
 * The sizes of memory that a person may choose, in bytes: what the template gives, doubled as often as the tier allows, and the most that
 * it allows; `asked` too, if it lies between. One alone is no choice: then none. Pure.
 */
export function memoryChoices(
  { usualBytes, mostBytes }: { usualBytes: number; mostBytes: number },
  asked: number | null = null,
): number[] {
  if (usualBytes <= 0 || mostBytes <= usualBytes) return []
  const sizes = new Set([usualBytes, mostBytes])
  for (let size = usualBytes * 2; size < mostBytes; size *= 2) sizes.add(size)
  if (asked !== null && asked > usualBytes && asked < mostBytes) sizes.add(asked)
  return [...sizes].sort((a, b) => a - b)
}
