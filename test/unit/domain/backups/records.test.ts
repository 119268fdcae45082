import { expect, test } from 'vitest'
import { differencesOf } from '../../../../src/domain/backups/records.ts'

const lab = { people: ['alice', 'bob'], environments: ['ai-lab-x-1'] }

test('the same people and environments in any order are no difference', () => {
  expect(differencesOf(lab, { people: ['bob', 'alice'], environments: ['ai-lab-x-1'] })).toEqual([])
})

test('each one that is missing, and each one that was not there, is a difference', () => {
  expect(differencesOf(lab, { people: ['alice', 'mallory'], environments: [] })).toEqual([
    '1 person is missing: bob.',
    '1 person is there, and not in the backup: mallory.',
    '1 environment is missing: ai-lab-x-1.',
  ])
})

test('a long list is cut', () => {
  const people = ['a', 'b', 'c', 'd']
  expect(differencesOf({ people, environments: [] }, { people: [], environments: [] })).toEqual([
    '4 people are missing: a, b, c and others.',
  ])
})
