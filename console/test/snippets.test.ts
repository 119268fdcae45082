import { expect, test } from 'vitest'
import { snippetsInto, snippetsOfApi } from '../src/account/snippet-texts.ts'

const url = 'http://localhost:5556/env/ai-lab-1/'
const textsOf = (snippets: readonly { name: string; text: string }[]) =>
  Object.fromEntries(snippets.map(({ name, text }) => [name, text]))

test('the snippets for the API name the service and an environment', () => {
  const { curl, Python, ailab } = textsOf(snippetsOfApi({ service: 'https://lab/x', environmentId: 'ai-lab-1' }))
  expect(curl).toContain('https://lab/x/api/environments/ai-lab-1/start')
  expect(Python).toContain('"https://lab/x/api/environments"')
  expect(ailab).toContain('--url https://lab/x ')
})

test('programs reach a Jupyter environment with VS Code, its own library and curl', () => {
  const texts = textsOf(snippetsInto({ type: 'jupyter', program_url: url }))
  expect(texts['VS Code']).toBe(`${url}?token=…`)
  expect(texts['@jupyterlab/services']).toContain(`baseUrl = '${url}'`)
  expect(texts.curl).toContain(`'${url}api/kernels'`)
})

test('an environment without kernels has no snippets that use one', () => {
  expect(Object.keys(textsOf(snippetsInto({ type: 'vscode', program_url: url })))).toEqual(['curl'])
})

test('there is nothing to copy if programs have no address', () => {
  expect(snippetsInto({ type: 'jupyter', program_url: null })).toEqual([])
})
