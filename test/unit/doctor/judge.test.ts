import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/doctor/judge.ts'
import type { Observations } from '../../../src/doctor/observations.ts'
import type { Check } from '../../../src/domain/doctor/check.ts'
import type { Finding } from '../../../src/domain/proof/proof.ts'
import { look, observations, rootLook, seen } from '../../support/observations.ts'

const unseen = (hangs: boolean) => ({ kind: 'unseen', reason: 'no answer', hangs }) as const

function of(id: Check['id'], seenNow: Observations): Check[] {
  return judge(seenNow).filter((check) => check.id === id)
}

function statuses(seenNow: Observations): Record<string, string> {
  return Object.fromEntries(judge(seenNow).flatMap(({ id, status }) => (status === 'ok' ? [] : [[id, status]])))
}

test('a healthy lab without a backend container gets one note about that, and nothing else', () => {
  expect(statuses(observations())).toEqual({ 'backend-container': 'note' })
})

test('a check that could not look is never ok', () => {
  const blind = observations({
    engine: unseen(false),
    backend: unseen(false),
    compose: unseen(false),
    root: unseen(false),
    people: unseen(false),
    space: unseen(false),
    storage: unseen(false),
    backups: unseen(false),
    socketGroup: unseen(false),
    images: unseen(false),
    bridge: unseen(false),
    rules: unseen(false),
    proof: unseen(false),
    candidateProven: false,
    service: unseen(false),
    legacy: [{ path: '/opt/ai-lab-data', isDataRoot: false, entries: unseen(false), containers: unseen(false) }],
  })
  const fine = judge(blind).filter(({ status }) => status === 'ok')
  expect(fine.map(({ id }) => id)).toEqual(['settings'])
})

test('a file system or engine that hangs is a problem', () => {
  const hung = observations({ root: unseen(true), space: unseen(true), engine: unseen(true), proof: unseen(false) })
  expect(statuses(hung)).toMatchObject({
    'data-root': 'problem',
    'free-space': 'problem',
    engine: 'problem',
    proof: 'not-checked',
  })
})

test('one origin for all environments is a warning, with the cure', () => {
  const { settings } = observations()
  const weakness = { summary: 'All environments have one origin.', detail: 'All have one.', remedy: 'Set another.' }
  expect(of('settings', observations({ settings: { ...settings, weaknesses: [weakness] } }))).toMatchObject([
    { status: 'warning', ...weakness },
  ])
})

// Trouble (doctor): the service ends because its database is damaged, and the doctor says that nothing is wrong
test('an unusable database is a problem, and a database that could not be checked is not ok', () => {
  expect(of('data-root', observations({ database: seen('It is damaged. Put it back.') }))).toMatchObject([
    { status: 'problem', detail: 'It is damaged. Put it back.' },
  ])
  expect(of('data-root', observations({ database: unseen(false) }))).toMatchObject([{ status: 'not-checked' }])
})

// Trouble (doctor): no service runs, and the doctor says that the service still holds the missing database
test('a missing database is reported once, as a fault of the data root', () => {
  const finding: Finding = {
    code: 'database-missing',
    severity: 'error',
    environmentId: null,
    backendPath: '/srv/lab',
    hostPath: '/srv/lab',
    detail: 'The service still holds the one that it opened.',
    remedy: 'Put it back.',
  }
  const gone = observations({ root: seen(rootLook({ database: null })), proof: seen([finding]) })
  expect(statuses(gone)).toEqual({ 'data-root': 'problem', 'backend-container': 'note' })
})

// Trouble (doctor): on the host the doctor names `ailab`, which is not on the PATH there
test('the doctor names commands as a person types them where it runs', () => {
  const gone = { root: seen(rootLook({ database: null })) }
  expect(of('data-root', observations(gone))[0]?.remedy).toMatch(/: bin\/ailab rebuild$/)
  expect(of('data-root', observations(gone, { place: 'container' }))[0]?.remedy).toMatch(/: ailab rebuild$/)
})

// Trouble (doctor): a marker was deleted, and the doctor only says "put it back from a backup"
test('a missing marker comes with the command that restores it', () => {
  const root = rootLook({ path: '/srv/my lab', markers: { ...rootLook().markers, shared: null } })
  expect(of('data-root', observations({ root: seen(root) }))).toMatchObject([
    { command: "cp -p '/srv/my lab/.ai-lab-root' '/srv/my lab/shared/.ai-lab-root'" },
  ])
})

describe('HOST_DATA_PATH:', () => {
  const { settings } = observations()
  const split = (changes: Partial<Observations> = {}) =>
    observations({
      settings: { ...settings, hostDataPath: '/opt/old', fromFile: { HOST_DATA_PATH: '/opt/old' } },
      identities: new Map([
        ['/srv/lab', '8:1'],
        ['/opt/old', '8:2'],
      ]),
      otherRoot: seen(rootLook({ path: '/opt/old', markers: { '': null, shared: null, users: null } })),
      ...changes,
    })
  const fixes = (changes: Partial<Observations> = {}) => of('host-data-path', split(changes))[0]?.fixes

  test('the doctor corrects a path to a folder without a marker if the root was seen through the engine', () => {
    expect(fixes()).toEqual([
      {
        kind: 'set-setting',
        file: '/srv/clone/production.env',
        name: 'HOST_DATA_PATH',
        from: '/opt/old',
        to: '/srv/lab',
      },
    ])
  })

  // Trouble (doctor): `HOST_DATA_PATH` names a copy, which must not be corrected on a guess
  test.each<[string, Partial<Observations>]>([
    ['the root was not seen through the engine', { candidateProven: false }],
    ['the root is not whole', { root: seen(rootLook({ markers: { ...rootLook().markers, users: null } })) }],
    ['the folder has a marker: somebody may be moving', { otherRoot: seen(rootLook({ path: '/opt/old' })) }],
    ['the folder could not be looked at', { otherRoot: unseen(true) }],
    [
      'the value is from the shell, which wins over the file',
      { settings: { ...split().settings, fromProcess: { HOST_DATA_PATH: '/opt/old' } } },
    ],
    ['there is no file', { settings: { ...split().settings, file: { ...settings.file, bytes: null } } }],
    [
      'no way of writing the path is read the same by everybody',
      { standpoint: { ...split().standpoint, dataDir: "/srv/o'lab" } },
    ],
  ])('the doctor does not correct the path if %s', (_, changes) => {
    expect(fixes(changes)).toEqual([])
  })

  test('the doctor accepts another name of the root', () => {
    const linked = split({ identities: new Map(['/srv/lab', '/opt/old'].map((path) => [path, '8:1'])) })
    expect(of('host-data-path', linked)).toMatchObject([{ status: 'ok' }])
  })

  test('the doctor does not call a missing or unusable path found', () => {
    const settingsWith = (text: string) => ({ ...settings, hostDataPath: null, fromFile: { HOST_DATA_PATH: text } })
    expect(of('host-data-path', observations({ settings: settingsWith('') }))[0]?.status).toBe('ok')
    expect(of('host-data-path', observations({ settings: settingsWith('lab') }))[0]?.status).toBe('not-checked')
  })

  test('in the container another mount is a fault, unless the proof shows the same files', () => {
    const inside = {
      ...split(),
      ownMount: '/srv/lab',
      standpoint: { ...split().standpoint, place: 'container' as const },
    }
    const finding = {
      code: 'engine-sees-no-marker',
      severity: 'error',
      environmentId: null,
      backendPath: '',
      hostPath: '',
      detail: 'x',
      remedy: 'y',
    } as const
    expect(of('host-data-path', { ...inside, proof: seen([finding]) })).toMatchObject([
      { status: 'problem', fixes: [] },
    ])
    expect(of('host-data-path', inside)).toMatchObject([{ status: 'ok' }])
  })
})

test('the doctor finds a backend container that is older than a change of production.env', () => {
  const container = { state: 'running', name: 'ai-lab-backend' } as never
  const changed = observations({
    backend: seen({ container, mount: '/opt/old', declared: '/opt/old', elsewhere: null }),
  })
  const [check] = of('backend-container', changed)
  expect(check).toMatchObject({ status: 'problem', command: expect.stringContaining('up -d') })
  expect(check?.detail).toMatch(/mounts \/opt\/old, HOST_DATA_PATH names \/srv\/lab/)
})

test('the doctor finds that Compose would mount another folder at the next start, because HOST_DATA_PATH is not set', () => {
  const { settings } = observations()
  const waiting = observations({
    settings: { ...settings, hostDataPath: null, fromFile: {} },
    compose: seen({
      path: '/f',
      withEnvFile: { kind: 'bind', source: '/srv/clone/ai-lab-data' },
      without: { kind: 'none' },
    }),
  })
  expect(of('compose-mount', waiting)).toMatchObject([
    { status: 'problem', fixes: [{ name: 'HOST_DATA_PATH', to: '/srv/lab' }] },
  ])
})

test.each([
  [100, 2 ** 40, 'problem'],
  [199 * 2 ** 20, 2 ** 30, 'problem'],
  [300 * 2 ** 20, 2 ** 40, 'problem'],
  [4 * 2 ** 30, 2 ** 35, 'warning'],
  [20 * 2 ** 30, 2 ** 40, 'warning'],
  [200 * 2 ** 30, 2 ** 43, 'ok'],
  [6 * 2 ** 30, 2 ** 34, 'ok'],
])('%d free bytes of %d are %s', (freeBytes, totalBytes, status) => {
  const space = seen([{ paths: ['/srv/lab'], totalBytes, freeBytes, totalFiles: 0, freeFiles: 0 }])
  expect(of('free-space', observations({ space }))).toMatchObject([{ status }])
})

test('a disk with bytes but without room for files is a problem', () => {
  const space = seen([
    { paths: ['/srv/lab'], totalBytes: 2 ** 40, freeBytes: 2 ** 39, totalFiles: 10_000, freeFiles: 90 },
  ])
  expect(of('free-space', observations({ space }))).toMatchObject([{ status: 'problem' }])
})

test.each([
  ['20.10.24', '1.41', 'ok'],
  ['28.0.1', '1.48', 'ok'],
  ['19.03.15', '1.40', 'warning'],
])('engine %s with API %s: %s', (version, apiVersion, status) => {
  expect(of('engine', observations({ engine: seen({ version, apiVersion }) }))).toMatchObject([{ status }])
})

test('commands name paths of the host, also when the doctor runs in the container', () => {
  const inContainer = observations(
    {
      ownMount: '/srv/lab',
      root: seen(
        rootLook({
          path: '/app/ai-lab-data',
          markers: {
            ...rootLook().markers,
            '': { look: look('0:0', 0o644, 'file'), rootId: rootLook().markers['']?.rootId ?? '' },
          },
        }),
      ),
    },
    { place: 'container', dataDir: '/app/ai-lab-data', self: { uid: 1000, gid: 100 } },
  )
  expect(of('owners', inContainer)).toMatchObject([{ command: 'chown -h 1000:100 /srv/lab/.ai-lab-root', fixes: [] }])
})

test('findings with the same code and the same cure share one row', () => {
  const finding = (id: string) =>
    ({
      code: 'stale-mount',
      severity: 'error',
      environmentId: id,
      backendPath: '',
      hostPath: '',
      detail: `${id} is stale.`,
      remedy: 'Recreate it.',
    }) as const
  const checks = of('proof', observations({ proof: seen(['a', 'b', 'c'].map(finding)) }))
  expect(checks).toMatchObject([
    { status: 'ok' },
    { status: 'problem', summary: expect.stringContaining('(3)'), detail: 'a is stale.\nb is stale.\nc is stale.' },
  ])
})

test('the doctor finds a DOCKER_GID that is not the group of the socket, and can correct it', () => {
  expect(of('engine-socket', observations({ socketGroup: seen(105) }))).toMatchObject([
    { status: 'problem', fixes: [{ name: 'DOCKER_GID', from: '999', to: '105' }] },
  ])
})

test('the doctor warns of a container that was made with another HOST_DATA_PATH, although its mount is right', () => {
  const container = { state: 'running', name: 'ai-lab-backend' } as never
  const backend = (declared: string) => seen({ container, mount: '/srv/lab', declared, elsewhere: null })
  expect(of('backend-container', observations({ backend: backend('/opt/old') }))).toMatchObject([{ status: 'warning' }])
  expect(of('backend-container', observations({ backend: backend('/srv/lab') }))).toMatchObject([{ status: 'ok' }])
})

test('the set-group bit of a folder is no fault, and a repair keeps it', () => {
  expect(of('owners', observations({ root: seen(rootLook({ users: look('1000:100', 0o2711) })) }))).toMatchObject([
    { status: 'ok' },
  ])
  expect(of('owners', observations({ root: seen(rootLook({ admin: look('1000:100', 0o2755) })) }))).toMatchObject([
    { status: 'warning', fixes: [{ from: 0o2755, to: 0o2700 }] },
  ])
})

test('a HOST_DATA_PATH on a disk that hangs is not called missing', () => {
  const { settings } = observations()
  const hung = observations({ settings: { ...settings, hostDataPath: '/mnt/lab' }, otherRoot: unseen(true) })
  expect(of('host-data-path', hung)).toMatchObject([
    { status: 'problem', summary: expect.stringContaining('does not answer') },
  ])
})

test('unreadable markers are a problem for root and the service, and not checked for another user', () => {
  const finding = {
    code: 'data-root-unreadable',
    severity: 'error',
    environmentId: null,
    backendPath: '',
    hostPath: '',
    detail: 'x',
    remedy: 'y',
  } as const
  const as = (uid: number) =>
    of('proof', observations({ proof: seen([finding]) }, { self: { uid, gid: uid } }))[0]?.status
  expect([as(0), as(1000), as(1234)]).toEqual(['problem', 'problem', 'not-checked'])
})

// Trouble (doctor): the database and a marker are both gone, and the doctor names only one
test('the doctor names both a missing database and a missing marker', () => {
  const markers = { ...rootLook().markers, shared: null }
  const gone = observations({ root: seen(rootLook({ markers, database: null })) })
  expect(of('data-root', gone).map(({ summary }) => summary)).toEqual([
    'The marker of shared is missing.',
    'Its database is missing.',
  ])
})

// Trouble (doctor): environments reach the machine's own credentials, and the doctor does not say so
test('if environments may reach the machine, or the doctor cannot tell, it prints the command that prevents it', () => {
  expect(of('network', observations())).toMatchObject([{ status: 'ok' }])
  const settings = { ...observations().settings, blockedNetworks: ['10.0.0.0/8'] }
  for (const [changes, place, status] of [
    [{ rules: seen('') }, 'host', 'warning'],
    [{ settings }, 'host', 'warning'],
    [{ rules: unseen(false) }, 'host', 'not-checked'],
    [{}, 'container', 'not-checked'],
  ] as const) {
    const command = expect.stringContaining('sudo iptables --wait -I INPUT -i lab-0')
    expect(of('network', observations(changes, { place }))).toMatchObject([{ status, command }])
  }
})

test('the command that asks an engine behind TLS for its version brings the certificates', () => {
  const settings = { ...observations().settings, dockerHost: 'tcp://engine:2376', dockerCertPath: '/etc/my certs' }
  const [check] = of('engine', observations({ settings, engine: { kind: 'unseen', hangs: false, reason: 'No.' } }))
  expect(check?.command).toBe(
    "DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH='/etc/my certs' docker -H tcp://engine:2376 version",
  )
})

test('the firewall of this machine does not count if the engine runs on another', () => {
  const settings = { ...observations().settings, dockerHost: 'tcp://engine:2376' }
  for (const rules of [seen(''), observations().rules]) {
    const [check] = of('network', observations({ settings, rules }))
    expect(check).toMatchObject({ status: 'not-checked', detail: expect.stringContaining('tcp://engine:2376') })
    expect(check?.command).toContain('sudo iptables --wait -I INPUT')
  }
})

// Trouble (known): after an upgrade nobody knows which environments still have the older image
test('all environments with an older image are one note, with one command that recreates them, and no fault', () => {
  const ids = Array.from({ length: 100 }, (_, at) => `ai-lab-jupyterlab-${at}`)
  const outdated = ids.map((id) => ({ id, image: 'ai-lab/jupyterlab:latest' }))
  const checks = of('images', observations({ images: seen({ outdated, leftBehind: [] }) }))
  expect(checks).toMatchObject([{ status: 'note', summary: '100 environments have an older image.' }])
  expect(checks[0]?.remedy).toContain('bin/ailab token --admin')
  expect(checks[0]?.command).toContain(`-d '{"image":"latest"}' http://localhost:5555/api/environments/$id/recreate`)
  for (const id of ids) expect(checks[0]?.command).toContain(` ${id}`)
})

// Trouble (known): each build leaves an image without a name behind, until the disk is full
test('images that nothing needs any more are one note, with their size and the command that removes them', () => {
  const leftBehind = [
    { id: `sha256:${'1'.repeat(64)}`, bytes: 2 ** 30 },
    { id: `sha256:${'2'.repeat(64)}`, bytes: 2 ** 30 },
  ]
  expect(of('images', observations({ images: seen({ outdated: [], leftBehind }) }))).toMatchObject([
    {
      status: 'note',
      summary: '2 old images are of no use any more.',
      detail: expect.stringContaining('2 GiB at most'),
      command: 'docker image rm 111111111111 222222222222',
    },
  ])
})
