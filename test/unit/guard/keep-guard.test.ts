import { expect, test } from 'vitest'
import { Problem } from '../../../src/domain/problem.ts'
import { keepGuard } from '../../../src/guard/keep-guard.ts'

/** Makes so many looks; gives the log and the rules that were restored. */
async function looks(
  times: number,
  rules: (look: number) => string,
  { isEngineAway = false, askOften = async () => {} } = {},
) {
  const ending = new AbortController()
  const [log, restored]: [string[], string[]] = [[], []]
  let look = 0
  const deps = {
    engine: {
      async bridge() {
        if (isEngineAway) throw new Problem('engine-unavailable', 'It does not answer.')
        return 'lab-0'
      },
    },
    hostNetwork: {
      rules: async () => rules(look),
      restore: async (text: string) => void restored.push(text),
      askOften,
    },
    guard: { rootId: '5f3c0000', blocked: [] },
    log: {
      guarded: (bridge: string) => void log.push(`guarded ${bridge}`),
      unguarded: (reason: string) => void log.push(`unguarded: ${reason}`),
    },
    clock: {
      async sleep() {
        look += 1
        if (look === times) ending.abort()
      },
    },
  }
  await keepGuard(deps, ending)
  return { log, restored }
}

test('the guard restores missing rules at the next look', async () => {
  const { log, restored } = await looks(2, () => '')
  expect(log).toEqual(['guarded lab-0', 'guarded lab-0'])
  expect(restored).toHaveLength(2)
})

test('a guard that may not read the rules says so once, and again only after it could in between', async () => {
  const refused = () => {
    throw new Error('iptables: Permission denied')
  }
  expect((await looks(3, refused)).log).toEqual(['unguarded: iptables: Permission denied'])
  const thenNot = await looks(3, (look) => (look === 1 ? '' : refused()))
  expect(thenNot.log).toHaveLength(3)
})

test('the guard says nothing of an engine that is away, which the health check reports', async () => {
  expect((await looks(2, () => '', { isEngineAway: true })).log).toEqual([])
})

test('the guard works even if the kernel setting for neighbour requests is read-only', async () => {
  const readOnly = async () => {
    throw new Error('EROFS: read-only file system')
  }
  expect((await looks(1, () => '', { askOften: readOnly })).log).toEqual(['guarded lab-0'])
})
