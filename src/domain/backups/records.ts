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

type Kind = { one: string; many: string }

const person: Kind = { one: 'person', many: 'people' }
const environment: Kind = { one: 'environment', many: 'environments' }

/** What `found` lacks of `expected`, or has beside it, in sentences. Empty: both are the same. */
export function differencesOf(expected: LabRecords, found: LabRecords): string[] {
  return [
    ...listDifferences(person, expected.people, found.people),
    ...listDifferences(environment, expected.environments, found.environments),
  ]
}

function listDifferences(kind: Kind, expected: readonly string[], found: readonly string[]): string[] {
  const [before, after] = [new Set(expected), new Set(found)]
  const missing = expected.filter((each) => !after.has(each))
  const added = found.filter((each) => !before.has(each))
  return [...sentence(kind, missing, 'missing'), ...sentence(kind, added, 'there, and not in the backup')]
}

function sentence({ one, many }: Kind, names: readonly string[], state: string): string[] {
  if (names.length === 0) return []
  const subject = names.length === 1 ? `1 ${one} is` : `${names.length} ${many} are`
  const more = names.length > namedAtMost ? ' and others' : ''
  return [`${subject} ${state}: ${names.slice(0, namedAtMost).join(', ')}${more}.`]
}
