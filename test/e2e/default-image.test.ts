/** What people find in the default image. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBrowser } from './support/browser.ts'
import { docker } from './support/docker.ts'
import { openLab } from './support/lab-page.ts'
import { createNotebook, type Notebook } from './support/notebook.ts'
import { type Json, type RunningService, startService } from './support/service.ts'
import { setPassword, signInAs } from './support/sign-in.ts'

let service: RunningService
let notebook: Notebook

beforeAll(async () => {
  service = await startService()
  notebook = await createNotebook(service)
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

test('JupyterLab loads without a missing file, and widgets work in a notebook', async () => {
  await using browser = await startBrowser()
  await setPassword(service, 'admin')
  const found = await service.call('GET', `/api/environments/${notebook.id}`)
  const lab = await openLab(browser, found.body.access_url, { first: signInAs('admin') })
  await lab.newNotebook()
  await lab.begin('import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider')
  await lab.page.locator('.jp-OutputArea .widget-slider .noUi-handle').press('ArrowRight')
  expect(await lab.run('print(slider.value)')).toBe('4\n')
  expect(lab.failures).toEqual([])
})

function run(...command: string[]): Promise<string> {
  return docker('exec', notebook.id, ...command)
}
