import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { afterAll, afterEach, expect, test } from 'vitest'
import { ConfigError, loadConfig, readSettings } from '../../../src/settings/config.ts'
import { variables } from '../../../src/settings/variables.ts'

const folder = mkdtempSync(join(tmpdir(), 'ai-lab-config-'))
afterEach(() => rmSync(join(folder, 'production.env'), { recursive: true, force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

const root = { uid: 0, gid: 0 }

function errorOf(run: () => unknown): ConfigError {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was wrong')
}

const messageOf = (run: () => unknown) => errorOf(run).message
const standInOf = (run: () => unknown) => errorOf(run).standIn

test('every setting has a default', () => {
  expect(loadConfig(folder, {}, root)).toMatchObject({
    port: 5555,
    host: '127.0.0.1',
    dataDir: join(folder, 'ai-lab-data'),
    hostDataPath: null,
    notebook: { uid: 1000, gid: 100 },
    owner: { uid: 1000, gid: 100 },
    sharedMode: 'ro',
    proofIntervalMs: 60_000,
  })
})

// Trouble (input): `HOST_DATA_PATH` is relative
test('all mistakes are listed at once, by name', () => {
  const message = messageOf(() => loadConfig(folder, { PORT: 'x', HOST_DATA_PATH: 'data', PROOF_INTERVAL: '60' }, root))
  expect(message).toMatch(/^PORT: .*\nHOST_DATA_PATH: write an absolute path\nPROOF_INTERVAL: write a duration/)
})

test.each([
  ['PROOF_INTERVAL', ['250ms', '24h'], ['0s', '249ms', '25h', '30d'], 'write at least 250ms and at most 24h'],
  ...['IDLE_PAUSE_AFTER', 'IDLE_STOP_AFTER', 'MAX_RUNTIME'].map((name) => {
    const words = 'write at least 1s and at most 365d, or off to switch it off'
    return [name, ['1s', '365d', 'off'], ['0s', '999ms', '366d'], words] as const
  }),
] as const)('%s has a shortest and a longest duration', (name, right, wrong, words) => {
  for (const text of right) expect(() => loadConfig(folder, { [name]: text }, root)).not.toThrow()
  for (const text of wrong)
    expect(messageOf(() => loadConfig(folder, { [name]: text }, root))).toBe(`${name}: ${words}`)
})

// Trouble (input): settings of an engine that the service cannot reach are refused without a word of what to do
test.each([
  [{ DOCKER_HOST: 'ssh://lab@host' }, 'DOCKER_HOST: ssh:// is not supported. Write tcp://host:2376'],
  [{ DOCKER_HOST: 'host:2376' }, 'DOCKER_HOST: write unix:///var/run/docker.sock or tcp://host:port'],
  [{ DOCKER_HOST: 'tcp://host:2376', DOCKER_TLS_VERIFY: '1' }, 'DOCKER_CERT_PATH: is missing.'],
  [{ DOCKER_HOST: 'tcp://host:2376', DOCKER_CERT_PATH: '/certs' }, 'DOCKER_TLS_VERIFY: is missing'],
  [{ DOCKER_HOST: 'tcp://host:2376', DOCKER_TLS_VERIFY: '0' }, 'DOCKER_TLS_VERIFY: write 1, or leave it out'],
])('the engine setting %j is refused with a sentence', (env, words) => {
  const message = messageOf(() => loadConfig(folder, env, root))
  expect(message).toContain(words)
  expect(message.split('\n')).toHaveLength(1)
})

test('the service speaks plain text to an engine without TLS or on a socket', () => {
  const certificates = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' }
  const engineOf = (env: Record<string, string>) => loadConfig(folder, env, root).engine
  expect(engineOf({ DOCKER_HOST: 'tcp://host:2375' })).toEqual({ socket: 'tcp://host:2375', tls: null })
  expect(engineOf(certificates)).toEqual({ socket: 'unix:///var/run/docker.sock', tls: null })
})
// Trouble (input): the same path is written in two ways
test.each(['/srv//lab', '/srv/./lab', '/srv/lab/', '//srv/lab/.', '/srv/other/../lab'])(
  'paths of the host have one normal form: %s is /srv/lab',
  (path) => {
    expect(loadConfig(folder, { HOST_DATA_PATH: path }, root).hostDataPath).toBe('/srv/lab')
    const { values } = readSettings(folder, { HOST_DATA_PATH: path, LEGACY_DATA_PATHS: `${path}, /opt//b` })
    expect(values).toMatchObject({ HOST_DATA_PATH: '/srv/lab', LEGACY_DATA_PATHS: ['/srv/lab', '/opt/b'] })
  },
)

test('variables of the process win over production.env', () => {
  writeFileSync(join(folder, 'production.env'), 'PORT=6000\nSHARED_MODE=rw\nHOST_DATA_PATH=\n')
  expect(loadConfig(folder, { PORT: '7000' }, root)).toMatchObject({ port: 7000, sharedMode: 'rw', hostDataPath: null })
})

// Trouble (input): `production.env` has an unknown name
test('an unknown name in production.env is a mistake, but not a name that Compose reads', () => {
  writeFileSync(join(folder, 'production.env'), 'HOST_DATA_PAHT=/srv/lab\nDOCKER_GID=999\nTZ=UTC\n')
  expect(messageOf(() => loadConfig(folder, { PORT: '0' }, root))).toMatch(
    /^HOST_DATA_PAHT: there is no such setting; did you mean HOST_DATA_PATH\?\nPORT: /,
  )
  writeFileSync(join(folder, 'production.env'), 'DOCKER_GID=999\nTZ=UTC\n')
  expect(loadConfig(folder, { PATH: '/bin' }, root).port).toBe(5555)
})

test('LEGACY_DATA_PATHS is a list of absolute paths', () => {
  expect(readSettings(folder, {}).values.LEGACY_DATA_PATHS).toEqual(['/opt/ai-lab-data'])
  expect(readSettings(folder, { LEGACY_DATA_PATHS: '/opt/a/, /srv/b' }).values.LEGACY_DATA_PATHS).toEqual([
    '/opt/a',
    '/srv/b',
  ])
  expect(messageOf(() => loadConfig(folder, { LEGACY_DATA_PATHS: '/opt/a,b' }, root))).toContain(
    'LEGACY_DATA_PATHS: write',
  )
})

test('right settings are read beside wrong ones', () => {
  writeFileSync(join(folder, 'production.env'), 'PROT=1\nPORT=x\nHOST_DATA_PATH=/srv/lab\n')
  const { mistakes, values } = readSettings(folder, {})
  expect(mistakes).toHaveLength(2)
  expect(values).toMatchObject({ PORT: 5555, HOST_DATA_PATH: '/srv/lab' })
})

test('a production.env that is no file is a mistake, and does not block', () => {
  execFileSync('mkfifo', [join(folder, 'production.env')])
  expect(messageOf(() => loadConfig(folder, {}, root))).toMatch(/production\.env: is not a file$/)
})

test("folders belong to the service's own user if it may not give them away", () => {
  expect(loadConfig(folder, {}, { uid: 1234, gid: 55 })).toMatchObject({
    notebook: { uid: 1234, gid: 55 },
    owner: null,
  })
  expect(loadConfig(folder, {}, { uid: 1000, gid: 100 })).toMatchObject({
    notebook: { uid: 1000, gid: 100 },
    owner: null,
  })
  expect(messageOf(() => loadConfig(folder, { NB_UID: '1000' }, { uid: 1234, gid: 55 }))).toContain('NB_UID: is 1000')
})

test('a TZ in production.env that is no time zone is a mistake', () => {
  writeFileSync(join(folder, 'production.env'), 'TZ=Europe/Berln\n')
  expect(messageOf(() => loadConfig(folder, {}, root))).toContain('TZ: Europe/Berln is no time zone.')
})

test('a LAB_NAME without the same name for Compose is a mistake', () => {
  const message = 'COMPOSE_PROJECT_NAME: is missing, though LAB_NAME is set'
  expect(messageOf(() => loadConfig(folder, { LAB_NAME: 'second' }, root))).toContain(message)
  expect(() => loadConfig(folder, { LAB_NAME: 'second', COMPOSE_PROJECT_NAME: 'second' }, root)).not.toThrow()
})

test('the example file documents every variable, and nothing else', () => {
  const text = readFileSync(new URL('../../../production.env.example', import.meta.url), 'utf8')
  const documented = [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name)
  // Compose and Node use these.
  const ofOthers = ['DOCKER_GID', 'HOST_BACKUP_KEY', 'COMPOSE_PROJECT_NAME', 'TZ']
  expect(documented.toSorted()).toEqual([...ofOthers, ...Object.keys(variables.shape)].toSorted())
  expect(() => loadConfig(folder, parse(text), root)).not.toThrow()
})

test.each(['127.0.0.1', '10.0.0.0/8, 192.0.2.1', '::1,fd00::/8'])('the proxies %s may be trusted', (text) => {
  const { trustProxy } = loadConfig('/nowhere', { TRUST_PROXY: text }, { uid: 1000, gid: 100 })
  expect(trustProxy.join()).toBe(text.replaceAll(' ', ''))
})

test.each(['localhost', 'true', '1', '10.0.0.0/33', '10.0.0', '10.0.0.1;::1'])('%j is refused as a proxy', (text) => {
  expect(() => loadConfig('/nowhere', { TRUST_PROXY: text })).toThrow(/TRUST_PROXY: write IP addresses/)
})

test('downloads go past the gateway only through a proxy that is named', () => {
  expect(loadConfig('/nowhere', { OFFLOAD: 'nginx', TRUST_PROXY: '127.0.0.1' }).offload).toBe('nginx')
  expect(() => loadConfig('/nowhere', { OFFLOAD: 'nginx' })).toThrow(/OFFLOAD: .*TRUST_PROXY/)
  expect(() => loadConfig('/nowhere', { OFFLOAD: 'apache' })).toThrow(/OFFLOAD: write nginx/)
})

// Trouble (input): a setting out of its range gives the words of a library: "Too big: expected number to be <=65535"
test('each mistake is one line, with the name of the setting and what to write', () => {
  const wrong = {
    PORT: '99999',
    SHARED_MODE: 'RW',
    LOG_LEVEL: 'verbose',
    STARTS_AT_ONCE: '0.5',
    NB_UID: 'jovyan',
    PUBLIC_URL: 'lab.example.org',
    BLOCKED_NETWORKS: '10.0.0.0/33,x',
    PROOF_INTERVAL: '0s',
    USAGE_RECOUNT: 'daily',
  }
  expect(
    messageOf(() => loadConfig(folder, wrong, root))
      .split('\n')
      .toSorted(),
  ).toEqual([
    'BLOCKED_NETWORKS: write networks such as 10.0.0.0/8',
    'LOG_LEVEL: write fatal, error, warn, info, debug, trace or silent',
    'NB_UID: write the number of a user or group: `id` shows them',
    'PORT: write a whole number from 1 to 65535',
    'PROOF_INTERVAL: write at least 250ms and at most 24h',
    'PUBLIC_URL: write an address such as https://lab.example.org or https://host.example.org/lab',
    'SHARED_MODE: write ro or rw',
    'STARTS_AT_ONCE: write a whole number from 1 to 1000',
    'USAGE_RECOUNT: write a cron expression such as 30 3 * * * (minute, hour, day, month, weekday), or off',
  ])
})

// Trouble (input): PUBLIC_URL has a path
test.each([
  ['https://host.example.org/lab/', 'https://host.example.org/lab'],
  ['http://localhost:8080/a/b-c_1.x~y', 'http://localhost:8080/a/b-c_1.x~y'],
  ['https://lab.example.org///', 'https://lab.example.org'],
])('PUBLIC_URL=%s is %s', (PUBLIC_URL, publicUrl) => {
  expect(loadConfig(folder, { PUBLIC_URL }, root).publicUrl).toBe(publicUrl)
})

// Trouble (input): PUBLIC_URL has a path
test.each([
  'https://host/lab?x',
  'https://host/lab#x',
  'https://user@host/lab',
  'https://host//lab',
  'https://host/a/../b',
  'https://host/.',
  'https://host/a%2Fb',
  'https://host/a;Domain=x',
  'https://host/a"b',
  'https://host/a b',
  'https://host\\lab',
])('PUBLIC_URL=%s is refused', (PUBLIC_URL) => {
  expect(messageOf(() => loadConfig(folder, { PUBLIC_URL }, root))).toMatch(/^PUBLIC_URL: write an address such as/)
})

// Trouble (authority): everybody reads paths of the host while the service cannot start
test.each([
  [{ PORT: '8000', SHARED_MODE: 'x' }, false],
  [{ PORT: '8000', SHARED_MODE: 'x', PUBLIC_URL: 'https://lab.example.org' }, true],
  [{ PUBLIC_URL: 'lab.example.org' }, true],
  [{ TRUST_PROXY: 'proxy.example.org' }, true],
])('while the settings %o are wrong, a proxy counts as being there: %s', (env, behindProxy) => {
  expect(standInOf(() => loadConfig(folder, env, root))).toMatchObject({ behindProxy })
})

// Trouble (authority): everybody reads paths of the host while the service cannot start
test('while production.env cannot be read, a proxy counts as being there', () => {
  mkdirSync(join(folder, 'production.env'))
  expect(standInOf(() => loadConfig(folder, {}, root))).toMatchObject({ behindProxy: true })
})

test('environments are below localhost where the platform is; elsewhere the pattern has to be set', () => {
  const patternOf = (env: Record<string, string>) => loadConfig(folder, env, root).environments.pattern
  expect(patternOf({})).toBe('http://{id}.localhost:5556')
  expect(patternOf({ PORT: '6000' })).toBe('http://{id}.localhost:6001')
  expect(patternOf({ PUBLIC_URL: 'https://lab.example.org' })).toBeNull()
  const set = { PUBLIC_URL: 'https://lab.example.org', ENVIRONMENTS_URL: 'https://{id}.env.lab.example.org' }
  expect(patternOf(set)).toBe('https://{id}.env.lab.example.org')
  expect(messageOf(() => loadConfig(folder, { ENVIRONMENTS_URL: 'https://{id}.env.lab/x' }, root))).toMatch(
    /^ENVIRONMENTS_URL: write a pattern with \{id\}/,
  )
})

// Trouble (authority): environments are put at the platform's own address, where their pages would be the platform's
test('one origin for all environments is another one than that of the platform', () => {
  const load = (ENVIRONMENTS_URL: string, env = {}) => loadConfig(folder, { ENVIRONMENTS_URL, ...env }, root)
  const lab = { PUBLIC_URL: 'https://lab.example.org' }
  expect(load('https://env.lab.example.org', lab).environments.isShared).toBe(true)
  expect(load('http://localhost:5556').environments.isShared).toBe(true)
  for (const at of ['https://lab.example.org', 'https://lab.example.org:443', 'https://lab.example.org/']) {
    expect(messageOf(() => load(at, lab))).toMatch(
      /^ENVIRONMENTS_URL: is the origin of PUBLIC_URL: there every notebook/,
    )
  }
  expect(messageOf(() => load('http://localhost:5555'))).toMatch(/^ENVIRONMENTS_URL: is the origin of PUBLIC_URL/)
})
