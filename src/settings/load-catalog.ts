import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { type Catalog, catalogSchema } from '../domain/environment/catalog.ts'
import { ConfigError } from './config.ts'

/** The catalogue in a YAML file. @throws ConfigError with all its mistakes */
export async function loadCatalog(file: string): Promise<Catalog> {
  const wrong = (reason: string, cause?: unknown) => new ConfigError(`CATALOG_FILE: ${file} ${reason}`, { cause })
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong('cannot be read', error)
  })
  const document = parseDocument(text)
  const [syntax] = document.errors
  if (syntax) throw wrong(`is not YAML: ${syntax.message}`)
  const result = catalogSchema.safeParse(document.toJS())
  if (result.success) return result.data
  throw wrong(`is not a catalogue:\n${result.error.issues.map((issue) => `  ${lineOf(issue)}`).join('\n')}`)
}

function lineOf(issue: z.core.$ZodIssue): string {
  const words = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message
  return `${issue.path.join('.')}: ${words}`
}
