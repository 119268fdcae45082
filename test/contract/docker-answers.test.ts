import { describe, expect, test } from 'vitest'
import { containerConfig } from '../../src/docker/container-config.ts'
import { engineProblem } from '../../src/docker/engine-problem.ts'
import { jsonLines } from '../../src/docker/json-lines.ts'
import { logLines } from '../../src/docker/log-lines.ts'
import { nanosecondsOf } from '../../src/docker/nanoseconds.ts'
import { sightOf } from '../../src/docker/path-stat.ts'
import { containerIdOf, sourceOf } from '../../src/docker/self.ts'
import { cpuTimeMsOf, statsOf } from '../../src/docker/stats.ts'
import { firstFileOf } from '../../src/docker/tar-file.ts'
import type { ContainerSpec } from '../../src/domain/environment/container-spec.ts'

/** Gives a text byte by byte, as the worst connection would. */
async function* bytesOf(data: Buffer): AsyncGenerator<Uint8Array> {
  for (const byte of data) yield Uint8Array.of(byte)
}

/** An error as dockerode throws it. */
function answered(statusCode: number, words: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${words} `), { statusCode })
}

describe('Errors of the engine:', () => {
  test.each([
    [400, 'invalid mount config for type "bind": bind source path does not exist: /srv/lab/x', 'data-root-not-proven'],
    [500, 'write /var/lib/docker/x: no space left on device', 'no-room'],
    [404, 'No such image: x:1', 'image-unavailable'],
    [400, 'invalid reference format', 'image-unavailable'],
    [500, 'OCI runtime create failed: exec: "x": executable file not found in $PATH: unknown', 'engine-refused'],
    [500, 'driver failed programming external connectivity on endpoint x: iptables failed', 'engine-refused'],
    [500, 'stat /var/lib/docker/overlay2/x: no such file or directory', 'engine-refused'],
    [409, 'Container x is not running', 'engine-refused'],
    [500, 'devmapper: Thin Pool is wounded', 'engine-unavailable'],
    [503, 'swarm is busy', 'engine-unavailable'],
  ])('the answer "%i %s" becomes the right Problem', (status, words, code) => {
    expect(engineProblem(answered(status, words), 'start x')).toMatchObject({ code })
  })

  test.each([
    'Bind for 127.0.0.1:61000 failed: port is already allocated',
    'Error starting userland proxy: listen tcp4 127.0.0.1:61000: bind: address already in use',
    'failed to bind host port 127.0.0.1:61000/tcp: address already in use',
    'failed to bind host port for 127.0.0.1:61000:172.18.0.2:8888/tcp: address already in use',
  ])('the Problem names the number of a taken port: %s', (words) => {
    const error = answered(500, `driver failed programming external connectivity on endpoint x (0a1b): ${words}`)
    const problem = engineProblem(error, 'start x')
    expect(problem).toMatchObject({ code: 'port-taken' })
    expect(problem.detail).toMatch(/^Could not start x: its port 61000 is taken by something else on the machine\. /)
  })

  test('only administrators see paths of the host', () => {
    const words = 'OCI runtime create failed: error mounting "/srv/lab/x" to rootfs at "/home/jovyan/data"'
    const problem = engineProblem(answered(500, words), 'start x')
    expect(problem.detail).not.toContain('/srv')
    expect(problem.adminDetail).toContain('/srv/lab/x')
  })

  test('nobody sees container ids of 64 digits', () => {
    const problem = engineProblem(answered(409, `Container ${'0a'.repeat(32)} is not running`), 'pause x')
    expect(problem.detail).toBe('Could not pause x: Container is not running.')
  })

  test('administrators see the cure for a socket that the service may not open', () => {
    const refused = Object.assign(new Error('connect EACCES /run/engine.sock'), { code: 'EACCES' })
    const problem = engineProblem(refused, 'start x')
    expect(problem).toMatchObject({ code: 'engine-unavailable', retryAfterSeconds: 5 })
    expect(problem.detail).not.toContain('/run')
    expect(problem.adminDetail).toContain('usermod -aG docker')
  })
})

describe('The request for a container:', () => {
  const spec: ContainerSpec = {
    name: 'one',
    image: 'x:1',
    command: [],
    env: { TOKEN: 'a=b' },
    labels: {},
    user: '1000:100',
    workingDir: '/tmp',
    mounts: [{ source: '/a:b,c', target: '/d', readOnly: true }],
    network: 'n',
    port: 8888,
    hostPort: null,
    resources: { memoryBytes: 1000, cpuCores: 1.5, gpus: 2, pids: 10 },
  }

  test('the service asks for mounts, never for binds, so that a missing source is an error', () => {
    const config = containerConfig(spec)
    expect(config.HostConfig).not.toHaveProperty('Binds')
    expect(config.HostConfig.Mounts).toEqual([
      { Type: 'bind', Source: '/a:b,c', Target: '/d', ReadOnly: true, BindOptions: { Propagation: 'rprivate' } },
    ])
  })

  test('the service asks for GPUs only if the environment gets any', () => {
    const without = containerConfig({ ...spec, resources: { ...spec.resources, gpus: 0 } })
    expect(containerConfig(spec).HostConfig).toMatchObject({
      NanoCpus: 1.5e9,
      DeviceRequests: [{ Driver: '', Count: 2, Capabilities: [['gpu']] }],
    })
    expect(without.HostConfig).not.toHaveProperty('DeviceRequests')
  })

  test("the service leaves out the command if the environment has none, so that the image's own command runs", () => {
    expect(containerConfig(spec)).not.toHaveProperty('Cmd')
    expect(containerConfig({ ...spec, command: ['run'] })).toMatchObject({ Cmd: ['run'], Env: ['TOKEN=a=b'] })
  })
})

describe('Times:', () => {
  test.each([
    ['2026-11-24T08:09:39.925893227Z', 1795507779925893227n],
    ['2026-11-24T08:09:39Z', 1795507779000000000n],
    ['2026-11-24T08:09:39.5Z', 1795507779500000000n],
    ['2026-11-24T09:09:39.000000001+01:00', 1795507779000000001n],
    ['1969-12-31T23:59:59.25Z', -750000000n],
  ])('the service reads the time %s to the nanosecond', (text, nanoseconds) => {
    expect(nanosecondsOf(text)).toBe(nanoseconds)
  })
})

describe('Descriptions of a path:', () => {
  const header = (stat: object) =>
    Buffer.from(
      JSON.stringify({ size: 3, mode: 0o644, mtime: '2026-11-24T08:09:39.925893227Z', linkTarget: '', ...stat }),
    )
  const sight = (stat: object) => sightOf(header(stat).toString('base64'))

  test('the description of a file gives its size and time', () => {
    expect(sight({})).toEqual({ sizeBytes: 3, modifiedNs: '1795507779925893227' })
  })

  test.each([
    ['folder', { mode: 2147484141 }],
    ['link', { mode: 134218239, linkTarget: '/data-root/m' }],
    ['pipe', { mode: 0x02000000 }],
  ])('the description of a %s gives no file', (_, stat) => {
    expect(sight(stat)).toBeNull()
  })
})

describe('Streams that break anywhere:', () => {
  test('the service reads JSON lines', async () => {
    const text = Buffer.from('{"a":"ä日"}\r\n\n{"a":2}')
    expect(await Array.fromAsync(jsonLines(bytesOf(text)))).toEqual([{ a: 'ä日' }, { a: 2 }])
  })

  test('the service reads log lines of both streams, mixed together', async () => {
    const frame = (stream: number, payload: Buffer) => {
      const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, payload.length])
      return Buffer.concat([head, payload])
    }
    const word = Buffer.from('ä日\n')
    const text = Buffer.concat([
      frame(1, word.subarray(0, 3)),
      frame(2, Buffer.from('err\r\nlast')),
      frame(1, word.subarray(3)),
      frame(1, Buffer.from('\n')),
    ])
    expect(await Array.fromAsync(logLines(bytesOf(text)))).toEqual([
      { stream: 'stderr', text: 'err' },
      { stream: 'stdout', text: 'ä日' },
      { stream: 'stdout', text: '' },
      { stream: 'stderr', text: 'last' },
    ])
  })

  // Trouble (worst): a container with a terminal sends its log without frames
  test('the service reads log lines without frames, from a container with a terminal', async () => {
    const text = Buffer.from('[I 2026-11-24] up\r\nはい\r\n')
    expect(await Array.fromAsync(logLines(bytesOf(text)))).toEqual([
      { stream: 'stdout', text: '[I 2026-11-24] up' },
      { stream: 'stdout', text: 'はい' },
    ])
  })

  test('the service reads log lines in a frame that claims to be larger than all memory', async () => {
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
    const lines = logLines(bytesOf(Buffer.concat([header, Buffer.from('first\nsecond\nthi')])))
    expect((await Array.fromAsync(lines)).map(({ text }) => text)).toEqual(['first', 'second', 'thi'])
  })
})

describe('Archives of one file:', () => {
  function entry(type: string, content: string): Buffer {
    const head = Buffer.alloc(512)
    head.write(content.length.toString(8).padStart(11, '0'), 124)
    head.write(type, 156)
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
    body.write(content)
    return Buffer.concat([head, body])
  }

  test('the first file is read after extension headers', () => {
    const archive = Buffer.concat([entry('x', '30 mtime=1'), entry('0', 'hello'), Buffer.alloc(1024)])
    expect(firstFileOf(archive)?.toString()).toBe('hello')
  })

  test.each([
    ['that is cut off', entry('0', 'hello').subarray(0, 514)],
    ['of a folder', Buffer.concat([entry('5', ''), Buffer.alloc(1024)])],
    ['of nonsense', Buffer.alloc(2048, 'z')],
    ['without content', Buffer.alloc(0)],
  ])('there is no file in an archive %s', (_, archive) => {
    expect(firstFileOf(archive)).toBeNull()
  })
})

describe('The container of this process:', () => {
  const id = '39f792883c514168e9519ebf0f2e278ac8e17884ecc702c75758f37286fad329'
  const mount = (file: string) =>
    `92 74 254:0 /var/lib/docker/containers/${id}/${file} /etc/${file} rw - ext4 /dev/vda rw`

  test.each([
    ['by its mounts', mount('hostname'), '0::/'],
    [
      'by its mounts, with another data folder of the engine',
      `1 2 8:1 /srv/d/containers/${id}/hosts /etc/hosts rw`,
      '',
    ],
    ['by cgroup v1', '', `9:name=systemd:/docker/${id}\n8:pids:/docker/${id}\n`],
    ['by cgroup v2 under systemd', '', `0::/system.slice/docker-${id}.scope\n`],
  ])('the service finds its own container %s', (_, mountinfo, cgroup) => {
    expect(containerIdOf(mountinfo, cgroup)).toBe(id)
  })

  test('on the host the service finds no container of its own', () => {
    const host = '30 1 254:0 / / rw - ext4 /dev/vda rw\n31 30 0:4 / /proc rw - proc proc rw'
    expect(containerIdOf(host, '0::/user.slice/user-0.slice/session-1.scope')).toBeNull()
  })

  test('the service finds the host path of a mount of its own, and of a folder below it', () => {
    const mounts = [
      { Type: 'bind', Source: '/srv/lab', Destination: '/app/ai-lab-data' },
      { Type: 'bind', Source: '/mnt/shared', Destination: '/app/ai-lab-data/shared' },
      { Type: 'volume', Source: '/var/lib/docker/volumes/x', Destination: '/app/cache' },
    ]
    expect(sourceOf(mounts, '/app/ai-lab-data')).toBe('/srv/lab')
    expect(sourceOf(mounts, '/app/ai-lab-data/users')).toBe('/srv/lab/users')
    expect(sourceOf(mounts, '/app/ai-lab-data/shared/x')).toBe('/mnt/shared/x')
    expect(sourceOf(mounts, '/app/ai-lab-data-2')).toBeNull()
    expect(sourceOf(mounts, '/app/cache')).toBeNull()
    expect(sourceOf([{ Type: 'bind', Source: '/', Destination: '/host' }], '/host/app')).toBe('/app')
  })
})

describe('Two samples of a container:', () => {
  const sample = (read: string, total_usage: number) => ({
    read,
    cpu_stats: { cpu_usage: { total_usage } },
    memory_stats: { usage: 1000, limit: 5000, stats: { total_inactive_file: 300, inactive_file: 200 } },
    networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: 'Read', value: 7 },
        { op: 'write', value: 8 },
      ],
    },
    pids_stats: { current: 4 },
  })
  const first = sample('2026-11-24T08:00:00Z', 0)
  const second = sample('2026-11-24T08:00:00.2Z', 300_000_000)

  test('two samples give the CPU in percent of one core, and everything else in bytes', () => {
    expect(statsOf(first, second)).toEqual({
      cpuPercent: 150,
      memoryBytes: 700,
      memoryLimitBytes: 5000,
      networkReceivedBytes: 11,
      networkSentBytes: 22,
      blockReadBytes: 7,
      blockWrittenBytes: 8,
      pids: 4,
    })
  })

  test('a sample gives the CPU time so far in milliseconds', () => {
    expect(cpuTimeMsOf(second)).toBe(300)
  })

  test('two samples give the memory under cgroup v2, and 0 where the kernel gives no number', () => {
    const v2 = { ...second, memory_stats: { usage: 1000, limit: 5000, stats: { inactive_file: 200 } } }
    expect(statsOf(first, v2).memoryBytes).toBe(800)
    const bare = { ...second, memory_stats: {}, networks: {}, blkio_stats: { io_service_bytes_recursive: null } }
    expect(statsOf(first, bare)).toMatchObject({ memoryBytes: 0, networkSentBytes: 0, blockReadBytes: 0 })
  })
})
