import { expect, test } from 'vitest'
import { drillText } from '../../../src/commands/drill.ts'

test('a drill says what was practised, and what the backup itself lacks', () => {
  const result = {
    ...{ backup_id: '2026-11-26T03-00-00Z-k3v9', backup_made: '2026-11-26T03:00:12.000Z', people: 3, environments: 1 },
    ...{ entries: 2_000, bytes: 3 * 2 ** 30, left_out: [{ folder: 'users/bob', reason: 'It took too long.' }] },
  }
  expect(
    drillText(result, 42_000),
  ).toBe(`The backup 2026-11-26T03-00-00Z-k3v9 of 2026-11-26T03:00Z was restored beside the lab in 42 s.
Each of its 2,000 files and folders (3 GiB) was read once more, and is what the backup says.
A service on it has the same 3 people and 1 environment.
The backup itself lacks users/bob: It took too long.
The restored lab was thrown away.
`)
})
