import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kinds } from '../../../src/http/places.ts'

test('docs/problems.md has the numbers of every kind of request that is bounded', () => {
  const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8')
  const [, section = ''] = /^## too-many-at-once$(.*?)^## /ms.exec(page) ?? []
  const rows = Array.from(
    section.matchAll(/\| ([\d,]+) +\| ([\d,]+) +\|$/gm),
    ([, each, administrator]) => `${each} ${administrator}`,
  )
  const ofOthers = ['50 50', '20 20', '1,000 10,000'] // unfinished uploads, jobs, the gateway
  const bounded = Object.values(kinds).map(({ each, administrator }) => `${each} ${administrator}`)
  expect(rows.toSorted()).toEqual([...bounded, ...ofOthers].toSorted())
})
