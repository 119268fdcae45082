import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { backupFindings } from '../../../src/domain/backups/standing.ts'
import { problems } from '../../../src/domain/problem.ts'
import { findings } from '../../../src/domain/proof/proof.ts'

test('docs/problems.md explains every code exactly once, and no other code', () => {
  const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8')
  const explained = Array.from(page.matchAll(/^## (.+)$/gm), ([, code]) => code)
  expect(explained.toSorted()).toEqual(
    [...new Set([...Object.keys(problems), ...Object.keys(findings), ...backupFindings])].toSorted(),
  )
})
