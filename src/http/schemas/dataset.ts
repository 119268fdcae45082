import { z } from 'zod'
import type { Verification } from '../../domain/files/dataset.ts'
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
            'Null if the folder itself or its `dataset.yaml` has changed since; a change deeper in the folder does not count',
          ),
      })
      .nullable()
      .describe('Null if nobody has verified it'),
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

function toFoundBody({ verified, differ, missing }: Verification) {
  const examples = [...differ, ...missing].slice(0, examplesAtMost)
  return { verified, differ: differ.length, missing: missing.length, examples }
}
