import { realWorld } from '../support/engine-real.ts'
import { createEngineWorld } from '../support/engine-world.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { engineContract } from './engine.contract.ts'

engineContract('The fake engine', () => {
  const fake = createFakeEngine()
  return createEngineWorld(fake, {
    command: [],
    say: async (...line) => fake.say(...line),
    exit: async (...end) => fake.exit(...end),
  })
})

engineContract('The real engine', realWorld)
