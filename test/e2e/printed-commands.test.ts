/** The commands that the documents print, pasted into a shell on a machine whose paths have a space. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { printingDocuments } from '../support/printed.ts'
import { composeCommand } from './support/compose.ts'
import { type ComposeLab, startComposeLab } from './support/compose-lab.ts'
import { containersWith, docker, witnessesAt } from './support/docker.ts'
import { type Place, runPrinted } from './support/printed-session.ts'

const places = [
  'lab',
  'lab, answering yes',
  'lab, damaged database',
  'lab, own network',
  'lab, own /etc',
  'nginx',
  'Caddy',
  'environment',
] satisfies Place[]
/** These move the data root, end the service and remove its containers. */
const last = ['docs/data.md', 'docs/upgrade.md', 'docs/uninstall.md']
const documents = printingDocuments(places).sort((a, b) => last.indexOf(a) - last.indexOf(b))

let lab: ComposeLab
let id: string
beforeAll(async () => {
  lab = await startComposeLab('printed')
  const created = await lab.call('POST', '/api/environments', { template: 'jupyterlab' })
  id = created.id
  await Promise.all([prepareMachine(), preparePerson()])
}, 600_000)
afterAll(() => lab?.[Symbol.asyncDispose]())

/** What the documents' examples are about, on the machine. */
async function prepareMachine(): Promise<void> {
  const files = {
    'backup/README': 'backups',
    'media/usb/thesis/thesis.tex': 'a thesis',
    'opt/ai-lab-data/shared/datasets/cars.csv': 'as it was',
    'opt/ai-lab-data/users/alice_at_example_org/first.ipynb': '{}',
    'srv/clone/map.txt': 'alice_at_example_org = alice@example.org\n',
    'srv/clone/weather.csv': 'day,rain\n1,2.5\n',
    'srv/lab/new-dataset.csv': 'day,rain\n1,2.5\n',
    'srv/lab/user-file.ipynb': '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}\n',
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(lab.machine, path)), { recursive: true })
    await writeFile(join(lab.machine, path), text)
  }
}

/** People, and what one of them has in their home folder. */
async function preparePerson(): Promise<void> {
  await lab.call('POST', '/api/users', { id: 'alice@example.org' })
  const home = `
    export HOME=/home/jovyan/data/.home
    mkdir -p ~/.jupyter/lab/user-settings
    folder=$(python3 -m site --user-site)/graphs-1.dist-info
    mkdir -p $folder
    printf 'Metadata-Version: 2.1\nName: graphs\nVersion: 1\n' > $folder/METADATA
    printf 'graphs-1.dist-info/METADATA,,\ngraphs-1.dist-info/RECORD,,\n' > $folder/RECORD`
  await docker('exec', id, 'sh', '-euc', home)
}

/** What a person writes in the place of the documents' examples. */
async function words(): Promise<Record<string, string>> {
  const folders = ['/srv/', '/backup', '/media/', '/opt/ai-lab-data'].map((path) => [path, join(lab.machine, path)])
  return {
    '/srv/lab/ai-lab-data': await lab.data(),
    ...Object.fromEntries(folders),
    '/srv/ai-lab-backend': lab.clone,
    'ai-lab-backend': lab.own.backend,
    'ai-lab-gateway': lab.own.gateway,
    'ai-lab/backend': lab.own.image.replace(':latest', ''),
    'docker-compose ': `${(await composeCommand()).join(' ')} `,
    'http://localhost:5555': lab.url,
    'http://localhost:5556': lab.gatewayUrl,
    'ai-lab-jupyterlab-pb7k23': id,
    '<package>': 'graphs',
    'YOUR.NAME': 'lab.example.org',
  }
}

/** Ids, numbers and times differ from run to run. */
function shapeOf(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/\d+/g, '<number>')
    .replaceAll(/\s+/g, '')
}

// Trouble (first-hour): a command of a document does not work as it is printed, or not where a path has a space
test.each(documents)('the commands of %s work as they are printed', async (document) => {
  // The document before may have left the service at its start, or the environment stopped.
  const status = () => lab.call('POST', `/api/environments/${id}/start`).then(({ status }) => status, String)
  await expect.poll(status, { timeout: 60_000 }).toBe('running')
  await lab.call('DELETE', '/api/users/demo@ailab.com')
  const reader = {
    cwd: lab.clone,
    // The README says how to set them.
    variables: { API: `${lab.url}/api`, TOKEN: await lab.token(), ID: id, BACKEND: lab.own.backend },
    words: await words(),
  }
  for (const { text, output, printed } of await runPrinted(document, reader, places)) {
    if (output !== null) expect([text, shapeOf(printed)]).toEqual([text, shapeOf(output)])
  }
})

test('after the commands of docs/uninstall.md the engine has nothing of the data root', async () => {
  expect(await containersWith(`ai-lab.root=${lab.rootId}`)).toEqual([])
  expect(await witnessesAt(await lab.data())).toEqual([])
})
