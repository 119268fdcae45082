import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ensureBaseImage } from './base-image.ts'
import { build, imageLabel } from './docker.ts'
import { step } from './progress.ts'

const TAG = 'ai-lab/jupyterlab:latest'
const FOLDER = 'images/jupyterlab'
const SOURCE_LABEL = 'ai-lab.source'

/** Builds the default environment's image if it is missing or was built from other sources. */
export async function ensureImage(signal: AbortSignal): Promise<void> {
  const source = hashFolder(FOLDER)
  if ((await imageLabel(TAG, SOURCE_LABEL, signal)) === source) return
  await ensureBaseImage('debian:trixie-slim', signal)
  await step(`Building the image ${TAG} (a minute or two, once)`, (onLine) =>
    build({ folder: FOLDER, tag: TAG, labels: { [SOURCE_LABEL]: source } }, { signal, onLine }),
  )
}

function hashFolder(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
    const content = readFileSync(path)
    hash.update(`${relative(folder, path)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}
