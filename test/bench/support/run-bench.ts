import { loadavg } from 'node:os'
import { explain } from '../../../scripts/lib/failure.ts'
import { interruption } from '../../../scripts/lib/interruption.ts'
import { describeMachine } from './machine.ts'
import { paint, printNote } from './table.ts'

/** Runs one bench as a program: a title, the machine, its figures. Only wrong behaviour makes the exit code other than 0. */
export async function runBench(title: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  console.log(`\n${paint('bold', title)}`)
  console.log(await describeMachine())
  warnOfLoad()
  try {
    await work(interruption())
    console.log(`\nload at the end: ${loads()}`)
  } catch (error) {
    process.exitCode = explain(error)
  }
  // Kept connections and timers of a finished bench must not delay the end.
  process.exit()
}

function warnOfLoad(): void {
  const [load = 0] = loadavg()
  if (load > 1) printNote(paint('yellow', `The machine is busy (load ${load.toFixed(2)}): repeat this when it is not.`))
}

function loads(): string {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')
}
