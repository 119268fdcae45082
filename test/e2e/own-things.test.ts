/** What a person sets and installs in the default image, and what becomes of it when the container is made anew. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { docker } from './support/docker.ts'
import { startKernel } from './support/kernel.ts'
import { createNotebook, type Notebook, notebookOf, untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'

const theme = { raw: '{ "theme": "JupyterLab Dark" }' }
const themePath = '/lab/api/settings/@jupyterlab/apputils-extension:themes'

// Trouble (known): what a person installed and set is lost when the container is made anew
test('recreate keeps settings, git identity, shell history, packages and virtual environments', async () => {
  await using service = await startService()
  const notebook = await createNotebook(service)
  await shell(
    notebook,
    makeWheels,
    'pip install --user wheels/first-1-py3-none-any.whl',
    'pip install wheels/second-1-py3-none-any.whl',
    'python3 -m venv env && env/bin/pip install wheels/third-1-py3-none-any.whl',
    'python3 -m venv --without-pip bare',
    'git config --global user.name Ada',
    `printf 'echo remember-me\\nexit\\n' | bash -i`,
  )
  expect((await server(notebook, 'PUT', themePath, theme)).status).toBe(204)

  await recreate(service, notebook)

  expect(await shell(notebook, 'first; second; env/bin/third; bare/bin/python -c "print(\'bare\')"')).toBe(
    'first\nsecond\nthird\nbare\n',
  )
  expect(await shell(notebook, 'python3 -c "import first, second"')).toBe('')
  await expect(shell(notebook, 'env/bin/python -c "import first"')).rejects.toThrow('No module named')
  expect(await shell(notebook, 'git config --global user.name')).toBe('Ada\n')
  expect(await shell(notebook, `printf 'history\\nexit\\n' | bash -i`)).toContain('echo remember-me')
  expect((await server(notebook, 'GET', themePath)).body.raw).toBe(theme.raw)
})

test('the file browser does not show the folder that keeps them', async () => {
  await using service = await startService()
  const notebook = await createNotebook(service)
  await shell(notebook, 'touch ~/here')
  expect((await notebook.jupyter('GET', 'contents/data')).body.content).toEqual([])
  expect(await readFile(join(service.dataDir, 'users/admin/.home/here'), 'utf8')).toBe('')
})

test('two environments of one person at once share settings and histories, and keep apart what is open in them', async () => {
  await using service = await startService()
  const both = [await createNotebook(service), await createNotebook(service)] as const
  const kernels = await Promise.all(both.map(startKernel))
  const lines = Array.from({ length: 20 }, (_, at) => at)
  const said = (line: number, at: number) => `print("said ${line} by ${at}")`
  await Promise.all(
    kernels.map(async (kernel, at) => {
      for (const line of lines) await kernel.run(said(line, at))
    }),
  )
  await Promise.all(
    both.map((each, at) =>
      shell(each, `printf '${lines.map((line) => `echo typed ${line} by ${at}\\n`).join('')}exit\\n' | bash -i`),
    ),
  )
  const workspace = (at: number) => ({ data: { at }, metadata: { id: 'default' } })
  for (const [at, each] of both.entries()) await server(each, 'PUT', '/lab/api/workspaces/default', workspace(at))
  await server(both[0], 'PUT', themePath, theme)

  const history = `import sqlite3, os
print([row[0] for row in sqlite3.connect(os.path.expanduser('~/.ipython/profile_default/history.sqlite')).execute('select source from history')])`
  const [first] = kernels
  const wanted = lines.flatMap((line) => [said(line, 0), said(line, 1)])
  await expect
    .poll(async () => {
      const kept = await first?.run(history)
      return wanted.filter((code) => !kept?.includes(code))
    })
    .toEqual([])
  const typed = await shell(both[1], 'cat ~/.bash_history')
  expect(lines.flatMap((line) => [0, 1].filter((at) => !typed.includes(`echo typed ${line} by ${at}\n`)))).toEqual([])
  for (const [at, each] of both.entries()) {
    expect((await server(each, 'GET', '/lab/api/workspaces/default')).body.data).toEqual({ at })
  }
  expect((await server(both[1], 'GET', themePath)).body.raw).toBe(theme.raw)
})

// Trouble (known): a package that a person installed breaks JupyterLab
test('a safe start lets a person in whose own package breaks the server, and they can remove it', async () => {
  await using service = await startService()
  const notebook = await createNotebook(service)
  await shell(notebook, makeWheels, 'pip install wheels/tornado-1-py3-none-any.whl')
  expect((await service.call('POST', `/api/environments/${notebook.id}/restart`)).status).toBe(202)
  await expect
    .poll(async () => (await service.call('GET', `/api/environments/${notebook.id}`)).body.status_reason)
    .toContain('start it with {"safe": true}')

  const asked = await service.call('POST', `/api/environments/${notebook.id}/start`, { body: { safe: true } })
  expect(asked.body.safe).toBe(true)
  expect(await untilStatus(service, notebook.id, 'running')).toMatchObject({ safe: true })
  await adopt(notebook)
  expect(await shell(notebook, 'echo $HOME; python3 -c "import tornado; print(tornado.version)"')).toMatch(
    /^\/tmp\/home\n6/,
  )
  expect((await notebook.jupyter('GET', 'contents/data')).body.content).toMatchObject([{ name: 'wheels' }])
  await shell(notebook, 'env HOME=/home/jovyan/data/.home PYTHONNOUSERSITE= pip uninstall --yes tornado')

  expect((await service.call('POST', `/api/environments/${notebook.id}/restart`)).body.safe).toBe(true)
  await untilStatus(service, notebook.id, 'running')
  const back = await service.call('POST', `/api/environments/${notebook.id}/start`)
  expect(back.body.safe).toBe(false)
  await untilStatus(service, notebook.id, 'running')
  await adopt(notebook)
  expect(await shell(notebook, 'echo $HOME')).toBe('/home/jovyan/data/.home\n')
})

// Trouble (known): a file that is saved beside data/ is lost when the container is made anew
test.each([
  ['1000', '100'],
  ['5000', '5000'],
])('as user %s people can save in data/ only, and have a name and a home', async (NB_UID, NB_GID) => {
  await using service = await startService({ env: { NB_UID, NB_GID } })
  const notebook = await createNotebook(service)
  const folders = await notebook.jupyter('GET', 'contents')
  expect(folders.body.content.map(({ name }: { name: string }) => name).toSorted()).toEqual(['data', 'shared'])
  const file = { type: 'file', format: 'text', content: 'x' }
  for (const path of ['lost.txt', 'shared/lost.txt']) {
    expect((await notebook.jupyter('PUT', `contents/${path}`, file)).status).toBeGreaterThanOrEqual(400)
  }
  expect((await notebook.jupyter('POST', 'contents', { type: 'notebook' })).status).toBeGreaterThanOrEqual(400)
  expect((await notebook.jupyter('PUT', 'contents/data/kept.txt', file)).status).toBe(201)
  await expect(shell(notebook, 'touch /home/jovyan/lost.txt')).rejects.toThrow('Permission denied')
  expect(await shell(notebook, 'whoami; id -u; echo ~; echo ~jovyan; id -gn >/dev/null && pwd')).toBe(
    ['jovyan', NB_UID, '/home/jovyan/data/.home', '/home/jovyan/data/.home', '/home/jovyan/data', ''].join('\n'),
  )
})

test('programs in an environment count the CPUs of its limit, not those of the machine', async () => {
  await using service = await startService()
  const notebook = await createNotebook(service, { resources: { cpu_cores: 0.5 } })
  const count =
    'import os, sklearn, threadpoolctl; print(os.cpu_count(), {each["num_threads"] for each in threadpoolctl.threadpool_info()})'
  expect(await shell(notebook, `python3 -c '${count}'`)).toBe('1 {1}\n')
})

// Trouble (known): the disk is full
test("JupyterLab also starts if the person's home folder cannot be written, and says so in its log", async () => {
  await using service = await startService()
  const notebook = await createNotebook(service)
  await shell(notebook, 'rm -rf ~ && touch ~') // the kernel writes its history there meanwhile
  expect((await service.call('POST', `/api/environments/${notebook.id}/restart`)).status).toBe(202)
  await untilStatus(service, notebook.id, 'running')
  expect(await shell(notebook, 'echo $HOME')).toBe('/tmp/home\n')
  expect((await service.call('GET', `/api/environments/${notebook.id}/logs`)).body).toContain('.home cannot be used')
})

/** Runs commands as a person does in a notebook, in data/; gives the output of the last. */
async function shell(notebook: Notebook, ...commands: string[]): Promise<string> {
  const kernel = await startKernel(notebook)
  const code = (command: string) => `import subprocess
_done = subprocess.run(${JSON.stringify(command)}, shell=True, capture_output=True, text=True, cwd='/home/jovyan/data')
if _done.returncode: raise RuntimeError(_done.stdout + _done.stderr)
print(_done.stdout, end='')`
  let output = ''
  try {
    for (const command of commands) output = await kernel.run(code(command))
    return output
  } finally {
    kernel.leave()
    await notebook.jupyter('DELETE', `kernels/${kernel.id}`)
  }
}

async function recreate(service: RunningService, notebook: Notebook): Promise<void> {
  const before = await docker('inspect', '--format', '{{.Id}}', notebook.id)
  expect((await service.call('POST', `/api/environments/${notebook.id}/recreate`)).status).toBe(202)
  await untilStatus(service, notebook.id, 'running')
  expect(await docker('inspect', '--format', '{{.Id}}', notebook.id)).not.toBe(before)
  await adopt(notebook)
}

/** A new container has another port and another secret. */
async function adopt(notebook: Notebook): Promise<void> {
  Object.assign(notebook, await notebookOf(notebook))
}

/** A call of JupyterLab's own server, beside Jupyter's API. */
function server(notebook: Notebook, method: string, path: string, body?: object) {
  return notebook.jupyter(method, `..${path}`, body)
}

// Each has one module, and a command of that name which prints it; no index is needed to install them.
const makeWheels = `mkdir -p wheels && python3 - <<'END'
import zipfile
for name in ['first', 'second', 'third', 'tornado']:
    source = f'def main(): print("{name}")\\n'
    if name == 'tornado': source = 'raise RuntimeError("this package is broken")\\n'
    with zipfile.ZipFile(f'wheels/{name}-1-py3-none-any.whl', 'w') as wheel:
        wheel.writestr(f'{name}.py' if name != 'tornado' else 'tornado/__init__.py', source)
        wheel.writestr(f'{name}-1.dist-info/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1\\n')
        wheel.writestr(f'{name}-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: a test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{name}-1.dist-info/entry_points.txt', f'[console_scripts]\\n{name} = {name}:main\\n')
        wheel.writestr(f'{name}-1.dist-info/RECORD', '')
END`
