import { readFile } from 'node:fs/promises'
import { parseLegacyMap } from '../domain/migration/legacy-map.ts'
import type { LegacyMap } from '../domain/migration/legacy-name.ts'
import { reasonOf } from '../lib/reason-of.ts'

/** The mapping file. @throws Error with a sentence if it cannot be used */
export async function readLegacyMap(file: string): Promise<LegacyMap> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`The mapping file ${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  })
  return parseLegacyMap(text, file)
}
