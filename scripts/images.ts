// `bin/ailab images`, where the dependencies are: pulls or makes the images that the engine lacks. bin/images.sh does the same
// without Node, except for stand-ins of the base images.
import { dirname } from 'node:path'
import { ensureBaseImage } from './lib/base-image.ts'
import { build, hasImage } from './lib/docker.ts'
import { ensureEngine } from './lib/engine.ts'
import { explain } from './lib/failure.ts'
import { ensureImage } from './lib/image.ts'
import { interruption } from './lib/interruption.ts'
import { step } from './lib/progress.ts'

process.chdir(dirname(import.meta.dirname))
process.exitCode = await images(`${process.env.LAB_NAME || 'ai-lab'}/backend:latest`, interruption()).catch(explain)

async function images(backend: string, signal: AbortSignal): Promise<number> {
  const engine = await ensureEngine(signal)
  try {
    await ensureImage(signal)
    console.log('ai-lab/jupyterlab:latest is here.')
    if (!(await hasImage(backend, signal))) {
      await ensureBaseImage('node:24-slim', signal)
      await step(`Building the image ${backend} (a minute, once)`, (onLine) =>
        build({ folder: '.', tag: backend }, { signal, onLine }),
      )
    }
    console.log(`${backend} is here.`)
    return 0
  } finally {
    await engine.stop()
  }
}
