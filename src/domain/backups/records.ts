/** The records of a lab in short: what a backup notes of its database, and what a drill compares. Pure. */
import { z } from 'zod'

export const labRecords = z.object({
  people: z.array(z.string()),
  environments: z.array(z.string()),
})
export type LabRecords = z.infer<typeof labRecords>

/** The same with the checksum of the file that holds them. */
export const databaseSummary = labRecords.extend({ database_sha256: z.string() })
export type DatabaseSummary = z.infer<typeof databaseSummary>

const namedAtMost = 3

/** What `found` lacks of `expected`, or has beside it, in sentences. Empty: both are the same. */
export function differencesOf(expected: LabRecords, found: LabRecords): string[] {
  return [
    ...listDifferences('people', expected.people, found.people),
    ...listDifferences('environments', expected.environments, found.environments),
  ]
}

function listDifferences(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const [before, after] = [new Set(expected), new Set(found)]
  return [
    ...sentence(
      `${what} are missing`,
      expected.filter((each) => !after.has(each)),
    ),
    ...sentence(
      `${what} were not in the backup`,
      found.filter((each) => !before.has(each)),
    ),
  ]
}

function sentence(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return []
  const more = names.length > namedAtMost ? ' and others' : ''
  return [`${names.length} ${what}: ${names.slice(0, namedAtMost).join(', ')}${more}.`]
}
