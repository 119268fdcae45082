import { describe, expect, test } from 'vitest'
import { countsByPerson } from '../src/people/counts.ts'
import { countAdministrators, offeredFor } from '../src/people/offered.ts'
import { environment } from './environment.ts'

const user = { role: 'user', disabled: false } as const
const admin = { role: 'admin', disabled: false } as const
const hindrances = (...args: Parameters<typeof offeredFor>) =>
  Object.fromEntries(offeredFor(...args).map(({ act, hindrance }) => [act, hindrance]))

describe('what may be done to a person', () => {
  test('is all, for a user', () => {
    expect(hindrances(user, { administrators: 1 })).toEqual({
      invite: null,
      edit: null,
      disable: null,
      delete: null,
    })
  })

  test('is neither disabling nor deletion for the last administrator', () => {
    const ofLast = hindrances(admin, { administrators: 1 })
    expect([ofLast.disable, ofLast.delete]).toEqual(['isLastAdministrator', 'isLastAdministrator'])
    const ofOneOfTwo = hindrances(admin, { administrators: 2 })
    expect([ofOneOfTwo.disable, ofOneOfTwo.delete]).toEqual([null, null])
  })

  test('is enabling instead of a link for a disabled person', () => {
    expect(hindrances({ role: 'admin', disabled: true }, { administrators: 1 })).toEqual({
      invite: 'isDisabled',
      edit: null,
      enable: null,
      delete: null,
    })
  })
})

test('a disabled administrator does not count as one', () => {
  expect(countAdministrators([admin, user, { role: 'admin', disabled: true }])).toBe(1)
})

test('the environments of each person are counted by what they do', () => {
  const counts = countsByPerson([
    environment({ user_id: 'anna', status: 'running' }),
    environment({ user_id: 'anna', status: 'failed' }),
    environment({ user_id: 'anna', status: 'paused' }),
    environment({ user_id: 'ben', status: 'exited' }),
  ])
  expect(Object.fromEntries(counts)).toEqual({
    anna: { all: 3, running: 1, failed: 1 },
    ben: { all: 1, running: 0, failed: 0 },
  })
})
