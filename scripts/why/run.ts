// Provokes each fault of docs/why.md, with plain Docker and with this service, and writes what happened into the page.
// With a word as argument it shows only the faults whose title has that word, and writes nothing.
import { readFileSync, writeFileSync } from 'node:fs'
import { explain, Failure } from '../lib/failure.ts'
import { interruption } from '../lib/interruption.ts'
import { step } from '../lib/progress.ts'
import { run, tail } from '../lib/run.ts'
import { conditionsOf } from './conditions.ts'
import { binds, type Fault, type FaultReport, type Told, type Verdict } from './fault.ts'
import { faults } from './faults/all.ts'
import { generatedPart, renewed } from './page.ts'
import { openScene, type Scene } from './scene.ts'

const page = 'docs/why.md'

const signal = interruption()
process.exitCode = await why(process.argv[2]).catch((error) => (signal.aborted ? 130 : explain(error)))

async function why(word: string | undefined): Promise<number> {
  const chosen = faults.filter(({ title }) => title.toLowerCase().includes(word?.toLowerCase() ?? ''))
  if (chosen.length === 0) {
    throw new Failure(`No fault has "${word}" in its title. There are:\n${faults.map(({ title }) => title).join('\n')}`)
  }
  const reports: FaultReport[] = []
  for (const fault of chosen) reports.push(await step(fault.title, () => reportOf(fault)))
  const generated = generatedPart(reports, await conditionsOf(signal))
  if (word === undefined) await write(generated)
  else console.log(generated)
  return 0
}

async function write(generated: string): Promise<void> {
  writeFileSync(page, renewed(readFileSync(page, 'utf8'), generated))
  const { ok, output } = await run('node_modules/.bin/biome', ['format', '--write', page], { signal })
  if (!ok) throw new Failure(`${page} was written, but not put into style:\n${tail(output)}`)
  console.log(`Written: ${page}`)
}

async function reportOf(fault: Fault): Promise<FaultReport> {
  const told = {} as FaultReport['told']
  for (const bind of binds) told[bind] = await staged((scene) => fault.bare(scene, bind))
  told.ours = await staged((scene) => fault.ours(scene))
  return { title: fault.title, deed: fault.deed, told }
}

async function staged(act: (scene: Scene) => Promise<Verdict>): Promise<Told> {
  await using scene = await openScene(`ai-lab-why-${process.pid}`, signal)
  const verdict = await act(scene)
  return { verdict, transcript: scene.transcript() }
}
