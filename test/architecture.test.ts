/** Holds the rings of docs/architecture.md: which folder imports which, which folder owns which vendor, and no circles. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const src = fileURLToPath(new URL('../src/', import.meta.url))
const useCases = [
  'backups',
  'environments',
  'reconcile',
  'consistency',
  'accounts',
  'idleness',
  'doctor',
  'migrate',
  'guard',
  'jobs',
  'files',
  'usage',
  'machine',
]
const doors = ['http', 'gateway', 'commands']
const core = ['ports', 'domain', 'lib']

/** The folders of src/ that each folder may import, beside itself. */
const mayImport: Record<string, string[]> = {
  lib: [],
  domain: ['lib'],
  ports: ['domain', 'lib'],
  docker: core,
  database: core,
  disk: core,
  openid: core,
  tus: core,
  client: core,
  metrics: core,
  host: core,
  restic: core,
  ...Object.fromEntries(useCases.map((folder) => [folder, core])),
  ...Object.fromEntries(doors.map((folder) => [folder, [...useCases, ...core]])),
  wire: ['domain', 'lib'],
  http: ['wire', ...useCases, ...core],
  gateway: ['wire', ...useCases, ...core],
  settings: ['domain', 'lib'],
  assembly: [
    ...doors,
    'wire',
    ...useCases,
    ...core,
    'docker',
    'database',
    'disk',
    'openid',
    'tus',
    'client',
    'host',
    'metrics',
    'restic',
    'settings',
  ],
  'main.ts': ['assembly', 'settings', 'lib'],
  'cli.ts': ['assembly', 'commands'],
  'healthcheck.ts': ['settings', 'lib'],
  'count-usage.ts': ['assembly'],
  'read-dataset.ts': ['assembly'],
  'zip-folder.ts': ['disk'],
  'trial-service.ts': ['assembly'],
}

/** Packages and built-in modules, and the only places that may import them. Only lib imports any other built-in. */
const owners: Record<string, string[]> = {
  dockerode: ['docker'],
  kysely: ['database'],
  'better-sqlite3': ['database'],
  'openid-client': ['openid'],
  jose: ['openid'],
  fastify: ['http'],
  'fastify-type-provider-zod': ['http'],
  '@fastify/rate-limit': ['http'],
  '@fastify/static': ['http'],
  '@fastify/swagger': ['http'],
  '@fastify/swagger-ui': ['http'],
  marked: ['wire'],
  '@tus/server': ['tus'],
  '@tus/file-store': ['tus'],
  '@tus/utils': ['tus'],
  'tus-js-client': ['client'],
  undici: ['gateway'],
  '@fastify/proxy-addr': ['gateway', 'http'],
  commander: ['cli.ts', 'commands'],
  '@clack/prompts': ['commands'],
  zod: ['domain', 'http', 'settings'],
  dotenv: ['settings'],
  '@prometheus-io/client': ['metrics'],
  koffi: ['disk'],
  'tar-stream': ['disk'],
  yauzl: ['disk'],
  croner: ['lib'],
  yaml: ['settings', 'assembly'],
  pino: ['assembly'],
  'close-with-grace': ['assembly'],
  'pino-pretty': ['assembly'],
  'node:async_hooks': ['tus'],
  'node:fs': ['disk', 'client', 'settings', 'main.ts', 'cli.ts'],
  'node:fs/promises': ['disk', 'tus', 'client', 'host', 'settings', 'assembly'],
  'node:os': ['assembly', 'client', 'docker', 'disk'],
  'node:path': ['disk', 'client', 'commands', 'settings'],
  'node:url': ['disk', 'assembly', 'cli.ts'],
  'node:crypto': ['lib', 'disk'],
  'node:events': ['lib', 'docker', 'gateway'],
  'node:http': ['lib', 'docker', 'wire', 'gateway'],
  'node:net': ['lib', 'wire', 'gateway'],
  'node:perf_hooks': ['metrics'],
  'node:util': ['lib', 'docker', 'commands', 'disk'],
  'node:stream': ['http', 'gateway', 'docker'],
  'node:timers/promises': ['http', 'lib'],
  'node:child_process': ['disk', 'host'],
  'node:readline': ['disk'],
  'node:zlib': ['disk'],
  'node:worker_threads': ['lib', 'assembly'],
}

type Import = { file: string; from: string; target: string; typeOnly: boolean }

// Those that a module begins with, and those that it makes when it needs them.
const importing = /(?:^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s)?|\bimport\()['"]([^'"]+)['"]/gm

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports = files.flatMap(importsOf)

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(importing)
  return Array.from(found, ([, type, target = '']) => ({
    file,
    from: ringOf(file),
    target: target.startsWith('.') ? relative(src, join(src, dirname(file), target)) : packageOf(target),
    typeOnly: type !== undefined,
  }))
}

function ringOf(path: string): string {
  return path.split('/')[0] ?? path
}

function packageOf(target: string): string {
  if (target.startsWith('node:')) return target
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

const ours = (each: Import) => each.target.endsWith('.ts')

test('the sources have imports to check', () => {
  expect(imports.length).toBeGreaterThan(100)
})

test('every folder imports only inward', () => {
  const wrong = imports.filter(ours).filter(({ from, target }) => {
    const to = ringOf(target)
    return to !== from && !mayImport[from]?.includes(to)
  })
  expect(wrong).toEqual([])
})

test('ports hold no values: they import types only', () => {
  expect(imports.filter(({ from, typeOnly }) => from === 'ports' && !typeOnly)).toEqual([])
})

test('each vendor and built-in module stays with its owner', () => {
  const wrong = imports
    .filter((each) => !ours(each))
    .filter(({ from, target }) => {
      const allowed = owners[target] ?? (target.startsWith('node:') ? ['lib', 'docker'] : [])
      return !allowed.includes(from)
    })
  expect(wrong).toEqual([])
})

test('the domain knows no clock, no chance and no process', () => {
  const forbidden = /\b(Date\.now|new Date\(\)|performance\.|Math\.random|process\.|setTimeout|setInterval|fetch\()/
  const wrong = files.filter(
    (file) => file.startsWith('domain/') && forbidden.test(readFileSync(join(src, file), 'utf8')),
  )
  expect(wrong).toEqual([])
})

test('only settings/ reads the environment of the process', () => {
  const wrong = files.filter(
    (file) => !file.startsWith('settings/') && /process\.env/.test(readFileSync(join(src, file), 'utf8')),
  )
  expect(wrong).toEqual([])
})

test('the end-to-end tests see the service from outside: they import nothing of it', () => {
  const folder = fileURLToPath(new URL('e2e/', import.meta.url))
  const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(tests.filter((name) => /from '[./]+src\//.test(readFileSync(join(folder, name), 'utf8')))).toEqual([])
})

test('the console takes from the service only types of its schemas, and rules of the domain', () => {
  const folder = fileURLToPath(new URL('../console/src/', import.meta.url))
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  const taken = modules.flatMap((name) =>
    Array.from(readFileSync(join(folder, name), 'utf8').matchAll(importing), ([, type, target = '']) => ({
      name,
      isType: type !== undefined,
      target: relative(src, join(folder, dirname(name), target)),
    })).filter(({ target }) => target.endsWith('.ts') && !target.startsWith('..')),
  )
  expect(taken.length).toBeGreaterThan(5)
  const wrong = taken.filter(
    ({ isType, target }) => !/^(domain|lib)\//.test(target) && !(isType && target.startsWith('http/schemas/')),
  )
  expect(wrong).toEqual([])
})

test('a part of the console that is loaded later waits for a service that is away', () => {
  const folder = fileURLToPath(new URL('../console/src/', import.meta.url))
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  const waiting = /(lazily\(\s*async \(\) => \(await |loadInsistently\(\(\) => |\bpage\(\s*\(\) => )import\(/g
  const wrong = modules
    .filter((name) => name !== 'parts/lazily.ts')
    .filter((name) => /\blazy\(|\bimport\(/.test(readFileSync(join(folder, name), 'utf8').replace(waiting, '')))
  expect(wrong).toEqual([])
})

test('nothing imports in circles', () => {
  const graph = Map.groupBy(imports.filter(ours), ({ file }) => file)
  const done = new Set<string>()
  const visit = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const { target } of graph.get(file) ?? []) {
      const circle = visit(target, [...path, file])
      if (circle) return circle
    }
    done.add(file)
    return null
  }
  expect(files.map((file) => visit(file, [])).filter((circle) => circle !== null)).toEqual([])
})
