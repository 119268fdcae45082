import { realWorld } from '../support/engine-real.ts'
import { createEngineWorld } from '../support/engine-world.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { engineContract } from './engine.contract.ts'

engineContract('The fake engine', () => {
  const fake = createFakeEngine()
  let ports = 61_000
  return createEngineWorld(fake, {
    command: [],
    say: async (...line) => fake.say(...line),
    exit: async (...end) => fake.exit(...end),
    exhaustMemory: async (id) => fake.killForMemory(id),
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
