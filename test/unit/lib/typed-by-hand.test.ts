import { expect, test } from 'vitest'
import { typedByHand } from '../../../src/lib/typed-by-hand.ts'

// Trouble (first-hour): a message names a command that is not on the PATH of a clone
test.each([
  ['run: ailab rebuild (docs/upgrade.md)', 'run: bin/ailab rebuild (docs/upgrade.md)'],
  ['`ailab doctor` tells more', '`bin/ailab doctor` tells more'],
  ['bin/ailab token --admin', 'bin/ailab token --admin'],
  ['the data of ai-lab doctors, my-ailab token', 'the data of ai-lab doctors, my-ailab token'],
])('%s', (text, typed) => {
  expect(typedByHand(text)).toBe(typed)
})
