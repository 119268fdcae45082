import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json, RunningService } from './service.ts'
import { tinyCatalogOn } from './tiny-catalog.ts'

/** A folder for the services and engines of one file of tests, with the catalogue of tiny environments in it. */
export type TinyFolder = AsyncDisposable & { folder: string; catalog: { CATALOG_FILE: string } }

export async function createTinyFolder(name: string, image = 'debian:trixie-slim'): Promise<TinyFolder> {
  const folder = await mkdtemp(join(tmpdir(), `ai-lab-${name}-`))
  await chmod(folder, 0o755)
  const catalog = { CATALOG_FILE: join(folder, 'catalog.yaml') }
  await writeFile(catalog.CATALOG_FILE, tinyCatalogOn(image))
  return { folder, catalog, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Creates an environment, waits until it runs or failed, and gives it as the API shows it then. */
export async function createTiny(service: RunningService, body: object = {}): Promise<Json> {
  const options = { body: { template: 'tiny', ...body }, headers: { prefer: 'wait=60' } }
  return (await service.call('POST', '/api/environments', options)).body
}

export async function environmentOf(service: RunningService, id: string): Promise<Json> {
  return (await service.call('GET', `/api/environments/${id}`)).body
}
