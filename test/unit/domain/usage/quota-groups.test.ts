import { expect, test } from 'vitest'
import { quotaGroupsIn } from '../../../../src/domain/usage/quota-groups.ts'

test('quota groups are read by the ids of subvolumes, with and without a limit', () => {
  const text = `Qgroupid    Referenced    Exclusive  Max referenced  Max exclusive   Path
--------    ----------    ---------  --------------  -------------   ----
0/5              16384        16384            none           none   <toplevel>
0/256         20955136     20955136        20971520           none   users/alice
1/100         20955136     20955136        20971520           none   <0 member qgroups>
`
  expect([...quotaGroupsIn(text)]).toEqual([
    [5, { usedBytes: 16384, limitBytes: null }],
    [256, { usedBytes: 20955136, limitBytes: 20971520 }],
  ])
  expect(quotaGroupsIn('0/256 1 1 none none').size).toBe(1) // an earlier program, without paths
})

test('of an id that is told twice neither line is believed: a name can hold a line break', () => {
  const text = '0/256 7 7 9 none users/a\n0/257 1 1 none none users/b/x\n0/256 0 0 none none users/own\n'
  expect([...quotaGroupsIn(text).keys()]).toEqual([257])
})
