const block = 512

/**
 * The content of the first regular file in a small tar archive held in memory, as the engine's archive call gives it:
 * extension headers (`x`, `g`, `L`) may come before it. Null if the archive has no file or is cut off. Pure.
 */
export function firstFileOf(archive: Buffer): Buffer | null {
  for (let at = 0; at + block <= archive.length; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8)
    const type = archive.toString('latin1', at + 156, at + 157)
    const start = at + block
    if (!Number.isSafeInteger(size) || size < 0 || start + size > archive.length) return null
    if (type === '0' || type === '\0') return archive.subarray(start, start + size)
    at = start + Math.ceil(size / block) * block
  }
  return null
}
