import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { Engine, Errand, OnOutput } from '../../src/ports/engine.ts'
import { realWorld } from '../support/engine-real.ts'
import { createEngineWorld } from '../support/engine-world.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { engineContract } from './engine.contract.ts'

engineContract('The fake engine', () => {
  const fake = createFakeEngine()
  fake.duringErrand = runHere
  let ports = 61_000
  return createEngineWorld(fake, {
    command: [],
    say: async (...line) => fake.say(...line),
    exit: async (...end) => fake.exit(...end),
    exhaustMemory: async (id) => fake.killForMemory(id),
    removeImage: async (name) => void fake.images.delete(name),
    ports: {
      freePort: async () => ports++,
      async listen(port) {
        fake.takenPorts.add(port)
        return { [Symbol.asyncDispose]: async () => void fake.takenPorts.delete(port) }
      },
    },
  })
})

engineContract('The real engine', realWorld)

test('The real engine: an errand has a network only if it needs one', async () => {
  await using world = await realWorld()
  const interfacesOf = async (needsNetwork: boolean) => {
    const seen: string[] = []
    const errand = world.errand('cut -s -d: -f1 /proc/net/dev', { needsNetwork })
    expect(await world.engine.runErrand(errand, ({ text }) => seen.push(text.trim()))).toBe(0)
    return seen.sort()
  }
  expect(await interfacesOf(false)).toEqual(['lo'])
  expect(await interfacesOf(true)).toEqual(['eth0', 'lo'])
})

/** Does an errand's work on this machine. */
async function runHere(
  { command: [program = '', ...args], env, secret }: Errand,
  onLine: OnLine,
  signal: AbortSignal,
  onOutput?: OnOutput,
) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, signal, killSignal: 'SIGKILL' })
  child.on('error', () => {})
  child.stdin.on('error', () => {}) // a script may read no secret
  child.stdin.write(`${secret}\n`)
  const asLines = onOutput ? (['stderr'] as const) : (['stdout', 'stderr'] as const)
  for (const stream of asLines) {
    createInterface(child[stream]).on('line', (text) => onLine({ stream, text }))
  }
  const closed = once(child, 'close')
  closed.catch(() => {}) // a reader that is busy waits for no end
  if (onOutput) for await (const piece of child.stdout) await onOutput(piece)
  const [code] = await closed
  return code ?? 137
}

type OnLine = Parameters<Engine['runErrand']>[1]
