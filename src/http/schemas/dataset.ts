import { z } from 'zod'
import { countsOf, type Verification } from '../../domain/files/verification.ts'
import type { Dataset } from '../../files/datasets.ts'
import { isoTime, nextCursor, time } from './common.ts'

const examplesAtMost = 20

export const datasetBody = z
  .object({
    name: z.string().describe('The name of its folder in `shared/datasets/`'),
    path: z.string().describe('In `shared/`'),
    modified: time.describe('When the folder itself last gained or lost an entry; changes deeper in it do not count'),
    size_bytes: z
      .int()
      .nullable()
      .describe('What its files take on the disk, by the latest count; null before the first'),
    files: z.int().nullable(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    licence: z.string().nullable(),
    source: z.string().nullable(),
    checksums: z.int().describe('How many files have a checksum in `dataset.yaml`'),
    trouble: z.string().nullable().describe('Why `dataset.yaml` cannot be read'),
    last_verified: z
      .object({
        at: time.describe('When the last verification ended, whoever asked for it'),
        found: z
          .object({
            verified: z.int().describe('How many files are as they should be'),
            differ: z.int(),
            missing: z.int(),
            examples: z.array(z.string()).describe('Some paths of those that differ or are missing, 20 at most'),
          })
          .nullable()
          .describe(
            'Null if an entry directly in its folder was added, removed or replaced since, or its `dataset.yaml` was changed; a file that is changed in place does not count, nor does a change deeper in the folder',
          ),
      })
      .nullable()
      .describe('Null if no verification is recorded; the service forgets the last one after a year'),
  })
  .meta({ id: 'Dataset', description: 'A folder of `shared/datasets/`' })

export const datasetsBody = z.object({ items: z.array(datasetBody), next_cursor: nextCursor })

export type Figures = { bytes: number; files: number }

export function toDatasetBody(
  { name, modifiedAt, facts, trouble, lastVerified }: Dataset,
  figures: Figures | null,
): z.infer<typeof datasetBody> {
  return {
    name,
    path: `datasets/${name}`,
    modified: isoTime(modifiedAt),
    size_bytes: figures?.bytes ?? null,
    files: figures?.files ?? null,
    title: facts.title ?? null,
    description: facts.description ?? null,
    licence: facts.licence ?? null,
    source: facts.source ?? null,
    checksums: Object.keys(facts.checksums ?? {}).length,
    trouble,
    last_verified: lastVerified && {
      at: isoTime(lastVerified.at),
      found: lastVerified.found && toFoundBody(lastVerified.found),
    },
  }
}

function toFoundBody(found: Verification) {
  return { ...countsOf(found), examples: [...found.differ, ...found.missing].slice(0, examplesAtMost) }
}
