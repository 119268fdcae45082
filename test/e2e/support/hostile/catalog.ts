import { readFile, writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'

const textOf = (name: string) => readFile(new URL(name, import.meta.url), 'utf8')

/** Writes a catalogue whose template `hostile` runs program.py, with a page and a service worker of its own. */
export async function writeHostileCatalog(file: string): Promise<void> {
  const template = {
    description: 'A hostile program',
    type: 'jupyter',
    image: 'ai-lab/jupyterlab:latest',
    command: ['/usr/bin/python3', '-c', await textOf('program.py')],
    environment: { PAGE: await textOf('page.js'), WORKER: await textOf('worker.js') },
    port: 8888,
    open_path: '{base_path}',
    ready_path: '{base_path}seen',
    memory: '256MiB',
    cpu_cores: 1,
  }
  const tier = { memory: '2GiB', cpu_cores: 2, gpus: 0, max_environments: 10 }
  await writeFile(file, stringify({ tiers: { default: tier }, templates: { hostile: template } }))
}
