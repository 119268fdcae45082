/** The value below which that share of the values lies, interpolated between neighbours. */
export function quantile(values: number[], share: number): number {
  if (values.length === 0) throw new Error('There are no values to measure.')
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}

export function median(values: number[]): number {
  return quantile(values, 0.5)
}
