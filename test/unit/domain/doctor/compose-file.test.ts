// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a compose file names variables
import { describe, expect, test } from 'vitest'
import { type ComposeMount, dataMount, interpolate } from '../../../../src/domain/doctor/compose-file.ts'

describe('variables in a compose file:', () => {
  const env = { SET: 'value', EMPTY: '' }
  test.each([
    ['$SET', 'value'],
    ['${SET}/x', 'value/x'],
    ['${SET:-other}', 'value'],
    ['${EMPTY:-other}', 'other'],
    ['${EMPTY-other}', ''],
    ['${NONE-other}', 'other'],
    ['${NONE}', ''],
    ['${SET:+other}', 'other'],
    ['${EMPTY:+other}', ''],
    ['$$SET ${SET}', '$SET value'],
    ['100 $ and $1', '100 $ and $1'],
  ])('%s becomes %j', (text, filled) => {
    const missing: string[] = []
    expect(interpolate(text, env, missing)).toBe(filled)
    expect(missing).toEqual([])
  })

  test.each(['${NONE:?say why}', '${EMPTY:?say why}', '${NONE?say why}'])('%s stops Compose', (text) => {
    const missing: string[] = []
    interpolate(text, env, missing)
    expect(missing).toEqual([expect.stringContaining('say why')])
  })
})

// Trouble (doctor): the compose file mounts another folder
describe('the mount of the data root in a compose file:', () => {
  const mount = (volumes: unknown[], env = {}): ComposeMount =>
    dataMount(
      { services: { web: {}, 'ai-lab-backend': { volumes } } },
      { target: '/app/ai-lab-data', folder: '/srv/clone', home: '/root', env },
    )
  test.each<[string, unknown, ComposeMount]>([
    [
      'the long form',
      { type: 'bind', source: './data', target: '/app/ai-lab-data' },
      { kind: 'bind', source: '/srv/clone/data' },
    ],
    ['the short form', '/srv/lab/:/app/ai-lab-data/:rw', { kind: 'bind', source: '/srv/lab' }],
    ['one folder up', '../lab:/app/ai-lab-data', { kind: 'bind', source: '/srv/lab' }],
    ['the home folder', '~/lab:/app/ai-lab-data', { kind: 'bind', source: '/root/lab' }],
    ['a named volume', 'lab:/app/ai-lab-data', { kind: 'volume', name: 'lab' }],
    ['a volume without a name', '/app/ai-lab-data', { kind: 'volume', name: '/app/ai-lab-data' }],
    ['another target', './data:/data', { kind: 'none' }],
  ])('the mount is read from %s', (_, volume, expected) => {
    expect(mount(['/var/run/docker.sock:/var/run/docker.sock', volume])).toEqual(expected)
  })

  test('the mount may use a variable, and is refused if a required variable is missing', () => {
    const volume = '${HOST_DATA_PATH:?set it}:/app/ai-lab-data'
    expect(mount([volume], { HOST_DATA_PATH: '/srv/lab' })).toEqual({ kind: 'bind', source: '/srv/lab' })
    expect(mount([volume])).toEqual({ kind: 'refused', reason: 'HOST_DATA_PATH: set it' })
  })

  test.each([
    null,
    'text',
    [],
    {},
    { services: [] },
    { services: { other: { volumes: [] } } },
    { services: { 'ai-lab-backend': { volumes: 'x' } } },
  ])('there is no service, and so no mount, in the file %j', (document) => {
    const read = () => dataMount(document, { target: '/a', folder: '/', home: '/', env: {} })
    expect(read()).toEqual({ kind: 'no-service' })
  })

  test('the service is found by the name of its container, under any key', () => {
    const document = {
      services: { backend: { container_name: 'ai-lab-backend', volumes: ['/srv/lab:/app/ai-lab-data'] } },
    }
    expect(dataMount(document, { target: '/app/ai-lab-data', folder: '/', home: '/', env: {} })).toMatchObject({
      kind: 'bind',
    })
  })
})
