const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes for people: `512 B`, `1.4 GiB`, `8 GiB`. */
export function sizeInWords(bytes: number): string {
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  const amount = bytes / 1024 ** step
  return `${amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${units[step]}`
}
