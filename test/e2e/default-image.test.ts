/** What people find in the default image. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, startBrowser } from './support/browser.ts'
import { docker } from './support/docker.ts'
import { type LabPage, openLab } from './support/lab-page.ts'
import { createNotebook, type Notebook } from './support/notebook.ts'
import { type Json, type RunningService, startService } from './support/service.ts'
import { setPassword, signInAs } from './support/sign-in.ts'

let service: RunningService
let notebook: Notebook

beforeAll(async () => {
  service = await startService()
  notebook = await createNotebook(service)
  await setPassword(service, 'admin')
})
afterAll(() => service?.[Symbol.asyncDispose]())

test('the packages that the catalogue lists are in the image, and can be imported', async () => {
  const { items } = (await service.call('GET', '/api/templates')).body
  const { packages } = items.find(({ name }: Json) => name === 'jupyterlab')
  expect(packages.length).toBeGreaterThan(5)
  const modules = packages.map((name: string) => (name === 'scikit-learn' ? 'sklearn' : name)).join(', ')
  const names = `import ${modules}, importlib.metadata as m; print(*(m.metadata(each)['Name'] for each in ${JSON.stringify(packages)}))`
  expect((await run('python3', '-c', names)).split(' ')).toEqual(packages)
})

test('the programs that people expect in a terminal are there', async () => {
  const programs = [
    'curl',
    'gcc',
    'git',
    'less',
    'make',
    'nano',
    'pip',
    'sqlite3',
    'ssh',
    'unzip',
    'vim',
    'wget',
    'zip',
  ]
  expect((await run('which', ...programs)).split('\n').length).toBe(programs.length)
  const source = `printf '#include <math.h>\\nint main(void) { return cos(0) != 1; }' > /tmp/a.c && gcc /tmp/a.c -o /tmp/a -lm && /tmp/a`
  expect(await run('sh', '-c', source)).toBe('')
})

test('Matplotlib draws Chinese and Japanese text', async () => {
  const draw = `import warnings, matplotlib; warnings.simplefilter("error"); matplotlib.use("Agg")
from matplotlib import pyplot
pyplot.title("数据 データ ünï")
pyplot.savefig("/tmp/a.png")
print("drawn")`
  expect(await run('python3', '-c', draw)).toBe('drawn')
})

test('the memory is read from control groups of version 2 as well as of version 1', async () => {
  const read = `import pathlib, tempfile, ai_lab_memory
def of(prefix, files):
    root = pathlib.Path(tempfile.mkdtemp())
    (root / prefix).mkdir(exist_ok=True)
    for name, text in files.items(): (root / prefix / name).write_text(text)
    return ai_lab_memory.memory_of(root)
stat = "anon 5\\ninactive_file 30\\n"
second = {"memory.current": "100\\n", "memory.max": "400\\n", "memory.stat": stat, "memory.events": "low 0\\noom_kill 2\\n"}
print(of("", second), of("", {**second, "memory.max": "max\\n"})["limit_bytes"])
first = {"memory.usage_in_bytes": "100", "memory.limit_in_bytes": "9223372036854771712", "memory.stat": "inactive_file 1\\ntotal_inactive_file 30\\n", "memory.oom_control": "under_oom 0\\noom_kill 1\\n"}
print(of("memory", first), of("memory", {**first, "memory.limit_in_bytes": "400"})["limit_bytes"])`
  expect((await run('python3', '-c', read)).split('\n')).toEqual([
    "{'used_bytes': 70, 'limit_bytes': 400, 'kills': 2} None",
    "{'used_bytes': 70, 'limit_bytes': None, 'kills': 1} 400",
  ])
})

test('JupyterLab loads without a missing file, and widgets work in a notebook', async () => {
  await using browser = await startBrowser()
  const lab = await openIn(browser)
  await lab.newNotebook()
  await lab.begin('import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider')
  await lab.page.locator('.jp-OutputArea .widget-slider .noUi-handle').press('ArrowRight')
  expect(await lab.run('print(slider.value)')).toBe('4\n')
  expect(lab.failures).toEqual([])
})

// Trouble (browser): JupyterLab says "Directory not found" to a person who clicks the house above the list of files
test('the house above the list of files leads to the own folder, from there and from elsewhere', async () => {
  await using browser = await startBrowser()
  const lab = await openIn(browser)
  await docker('exec', notebook.id, 'touch', 'here.txt')
  for (const folder of ['data', 'shared/datasets']) {
    await lab.files(folder)
    await lab.page.locator('.jp-BreadCrumbs-preferred').click()
    await lab.page.locator('.jp-BreadCrumbs-item[title="data"]').waitFor()
    await lab.page.locator('.jp-DirListing-item', { hasText: 'here.txt' }).waitFor()
  }
  expect(lab.failures).toEqual([])
})

async function openIn(browser: Browser): Promise<LabPage> {
  const found = await service.call('GET', `/api/environments/${notebook.id}`)
  return openLab(browser, found.body.access_url, { first: signInAs('admin') })
}

function run(...command: string[]): Promise<string> {
  return docker('exec', notebook.id, ...command)
}
