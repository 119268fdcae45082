import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const windowMs = 200
const quietShare = 0.08
const limitMs = 5_000

/** Waits, at most 5 s, until the machine does next to nothing; gives whether that happened. */
export async function settle(): Promise<boolean> {
  const deadline = performance.now() + limitMs
  let before = times()
  while (performance.now() < deadline) {
    await sleep(windowMs)
    const after = times()
    if ((after.busy - before.busy) / (after.all - before.all) < quietShare) return true
    before = after
  }
  return false
}

function times(): { busy: number; all: number } {
  const each = cpus().map((cpu) => cpu.times)
  const sum = (pick: (time: (typeof each)[number]) => number) => each.reduce((total, time) => total + pick(time), 0)
  const busy = sum(({ user, nice, sys, irq }) => user + nice + sys + irq)
  return { busy, all: busy + sum(({ idle }) => idle) }
}
