const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500]
const ticksAtMost = 4

/** Round amounts of bytes from 0 on, up to the first that reaches `most`: four or fewer steps. Pure. */
export function byteTicks(most: number): number[] {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(Math.max(1, most)) / Math.log(1024)))
  const step = [...steps, 1024].map((each) => each * unit).find((each) => each * ticksAtMost >= most) ?? most
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step)
}
