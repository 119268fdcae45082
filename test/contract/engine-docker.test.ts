import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { lookThroughProcess } from '../../src/disk/file-id.ts'
import type { ContainerSpec } from '../../src/domain/environment/container-spec.ts'
import type { InsideSight } from '../../src/domain/proof/compare-mounts.ts'
import { docker, realEngine, realWorld, run } from '../support/engine-real.ts'
import type { EngineWorld } from '../support/engine-world.ts'

let world: EngineWorld
beforeAll(async () => {
  world = await realWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function running(changes: Parameters<EngineWorld['spec']>[0] = {}): Promise<string> {
  const spec = world.spec(changes)
  await world.engine.create(spec)
  await world.engine.start(spec.name)
  return spec.name
}

describe('Containers on the real engine:', () => {
  // Trouble (input): somebody renames a container
  test('a renamed container is found by its label, with its new name and its mounts', async () => {
    const id = await running()
    const renamed = `${id}-renamed`
    await docker.getContainer(id).rename({ name: renamed })
    const found = await world.engine.inspect(id)
    expect(found).toMatchObject({ name: renamed, environmentId: id, state: 'running' })
    const listed = (await world.engine.list()).find(({ environmentId }) => environmentId === id)
    expect(listed).toMatchObject({ name: renamed, mounts: found?.mounts })
    await docker.getContainer(renamed).remove({ force: true })
  })

  // Trouble (worst): the engine's clock differs, or is set back
  test.each([-3_600_000, 3_600_000])(
    'a stop by hand is recognised although the clock of the service is %i ms off',
    async (ms) => {
      const id = await running()
      await world.engine.stop(id, 0)
      const { containerId = '', finishedAt } = (await world.engine.inspect(id)) ?? {}
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
      onTestFinished(() => void vi.useRealTimers())
      expect(await world.engine.wasStopped(containerId, finishedAt ?? 0)).toBe(true)
    },
  )

  // Trouble (worst): a power cut takes the files of a container
  test('a container that lost its files in a power cut does not start, and can be removed', async () => {
    const spec = world.spec()
    await world.engine.create(spec)
    const { GraphDriver } = await docker.getContainer(spec.name).inspect()
    const { UpperDir } = GraphDriver.Data as unknown as { UpperDir: string }
    await rm(dirname(UpperDir), { recursive: true })
    await expect(world.engine.start(spec.name)).rejects.toMatchObject({
      code: 'engine-refused',
      detail: `Could not start ${spec.name}: the engine's words are for administrators.`,
    })
    await world.engine.remove(spec.name)
    expect(await world.engine.inspect(spec.name)).toBeNull()
  })

  test('a container has its limits, and no more rights than it needs', async () => {
    const { HostConfig, Config } = await docker.getContainer(await running()).inspect()
    const mebibyte = 2 ** 20
    expect(HostConfig).toMatchObject({
      Binds: null,
      Memory: 64 * mebibyte,
      MemorySwap: 64 * mebibyte,
      NanoCpus: 5e8,
      PidsLimit: 64,
      ShmSize: 256 * mebibyte,
      CapDrop: ['ALL'],
      CapAdd: null,
      Privileged: false,
      SecurityOpt: ['no-new-privileges:true'],
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      PortBindings: { '8888/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    })
    expect(Config).toMatchObject({ User: '1000:100', WorkingDir: '/tmp' })
    expect(Config.Env).toContain('GREETING=hello')
  })

  test('a container runs without capabilities, and with exactly the given mounts', async () => {
    const source = `${world.folder}/data`
    const id = await running({ mounts: [{ source, target: '/home/jovyan/data', readOnly: true }] })
    expect(await run(id, 'grep -q "^CapEff:.0000000000000000$" /proc/self/status')).toBe(0)
    expect(await run(id, 'grep -q "^NoNewPrivs:.1$" /proc/self/status')).toBe(0)
    expect(await run(id, 'grep -q " /home/jovyan/data ro," /proc/self/mountinfo')).toBe(0)
  })

  test('a container without a command of its own runs the command of its image', async () => {
    const spec = world.spec({ command: [] })
    const image = await docker.getImage(spec.image).inspect()
    if (image.Config.Cmd === null) {
      await expect(world.engine.create(spec)).rejects.toMatchObject({
        code: 'engine-refused',
        detail: `Could not create ${spec.name}: No command specified.`,
      })
    } else {
      await world.engine.create(spec)
      expect((await docker.getContainer(spec.name).inspect()).Config.Cmd).toEqual(image.Config.Cmd)
    }
  })

  test('a container with GPUs does not start on an engine without GPUs', async () => {
    const spec = world.spec()
    await world.engine.create({ ...spec, resources: { ...spec.resources, gpus: 1 } })
    await expect(world.engine.start(spec.name)).rejects.toMatchObject({
      code: 'engine-refused',
      detail: expect.stringContaining('could not select device driver'),
    })
  })

  test('a container whose command does not exist is refused in plain words', async () => {
    const spec = world.spec({ command: ['no-such-command'] })
    await world.engine.create(spec)
    await expect(world.engine.start(spec.name)).rejects.toMatchObject({
      code: 'engine-refused',
      detail: `Could not start ${spec.name}: exec: "no-such-command": executable file not found in $PATH.`,
    })
  })

  test('the engine asks a container to end before it kills it', async () => {
    const ready = 'echo ready; while :; do sleep 0.02; done'
    const id = await running({ command: ['bash', '-c', `trap "sleep 0.5; exit 7" TERM; ${ready}`] })
    for await (const _ of world.engine.followLogs(id, 1, { signal: new AbortController().signal })) break
    await world.engine.stop(id, 30)
    expect(await world.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 7 })
  })

  test('a container that takes too much memory is seen as out of memory', async () => {
    const id = await running({ command: ['bash', '-c', 'x=x; while :; do x=$x$x; done'] })
    for await (const _ of world.engine.followLogs(id, 1, { signal: new AbortController().signal }));
    await docker.getContainer(id).wait()
    expect(await world.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137, outOfMemory: true })
  })

  test('the log of a container that writes a mebibyte without a line break still has its newest lines', async () => {
    const script = 'printf x; yes ä | tr -d "\\n" | head -c 3000000; echo; echo end'
    const id = await running({ command: ['bash', '-c', script] })
    await docker.getContainer(id).wait()
    const { lines = [], isCut } = (await world.engine.logs(id, 1000)) ?? {}
    expect(isCut).toBe(true)
    expect(lines.at(-1)).toEqual({ stream: 'stdout', text: 'end' })
    expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(2 ** 20)
    // U+FFFD: the engine itself cuts its records every 16 KiB, even inside a character.
    expect(lines.slice(0, -1).every(({ text }) => /^[ä\ufffd]{1000,}$/.test(text))).toBe(true)
    expect(lines.length).toBeGreaterThan(10)
  })
})

describe('The network of environments:', () => {
  const network = `ai-lab-contract-${randomBytes(4).toString('hex')}`
  const listen =
    'use IO::Socket; $s = IO::Socket::INET->new(Listen => 9, LocalPort => 8888) or die; print "up\\n"; $| = 1;'
  const serve = 'while ($c = $s->accept) { print $c "HTTP/1.0 204 No Content\\r\\n\\r\\n"; close $c }'
  const server = { network, command: ['perl', '-e', `$| = 1; ${listen} ${serve}`] }
  const names: string[] = []

  afterAll(async () => {
    await Promise.all(names.map((name) => world.engine.remove(name)))
    for (const { Id } of await docker.listNetworks({ filters: { name: [network] } }))
      await docker.getNetwork(Id).remove()
  })

  async function listening(): Promise<string> {
    const id = await running(server)
    names.push(id)
    for await (const _ of world.engine.followLogs(id, 1, { signal: new AbortController().signal })) break
    return id
  }

  test('the network is made once, even if several creations need it at the same time', async () => {
    const engines = Array.from({ length: 6 }, () => realEngine())
    const specs = engines.map(() => world.spec({ network }))
    names.push(...specs.map(({ name }) => name))
    await Promise.all(engines.map((engine, index) => engine.create(specs[index] ?? world.spec())))
    for (const engine of engines) engine[Symbol.dispose]()
    expect(await docker.listNetworks({ filters: { name: [network] } })).toHaveLength(1)
  })

  test('the host reaches each environment, and no environment reaches another', async () => {
    const [one, other] = [await listening(), await listening()]
    const knock = (id: string, target: string) => run(id, 'timeout 1 bash -c "</dev/tcp/$1/8888"', target)
    const ip = async (id: string) =>
      (await docker.getContainer(id).inspect()).NetworkSettings.Networks[network]?.IPAddress ?? ''
    for (const id of [one, other]) {
      const { address } = (await world.engine.inspect(id)) ?? {}
      expect(await statusOf(address?.port ?? 0)).toBe(204)
    }
    expect(await knock(one, await ip(one))).toBe(0)
    expect(await knock(one, await ip(other))).toBe(124)
    expect(await knock(other, await ip(one))).toBe(124)
  })

  test('a network that somebody removed is made again at the next start of an environment', async () => {
    const fresh = `${network}-again`
    const spec = world.spec({ network: fresh })
    names.push(spec.name)
    await world.engine.create(spec)
    await docker.getNetwork(fresh).remove()
    await world.engine.start(spec.name)
    await world.engine.stop(spec.name, 0)
    await docker.getNetwork(fresh).remove()
    await world.engine.start(spec.name)
    expect(await world.engine.inspect(spec.name)).toMatchObject({ state: 'running', address: { host: '127.0.0.1' } })
  })

  test('the service knows the interface of the network before it makes the network', async () => {
    const before = await world.engine.bridge()
    const spec = world.spec()
    names.push(spec.name)
    await world.engine.create(spec)
    expect(await world.engine.bridge()).toBe(before)
    const { Options } = await docker.getNetwork(spec.network).inspect()
    expect(before).toBe(Options?.['com.docker.network.bridge.name'])
  })

  test('the service refuses a network in which environments could reach each other', async () => {
    const open = `${network}-open`
    await docker.createNetwork({ Name: open, Driver: 'bridge' })
    await expect(world.engine.create(world.spec({ network: open }))).rejects.toMatchObject({
      code: 'engine-refused',
      detail: expect.stringContaining('could reach each other'),
    })
  })
})

describe('Looks into a container of the real engine:', () => {
  const mounts = (root: string) => [
    { source: join(root, 'shared'), target: '/home/jovyan/shared', readOnly: true },
    { source: join(root, 'data'), target: '/home/jovyan/data', readOnly: false },
  ]
  const fromInside: typeof lookThroughProcess = async () => null

  async function started(changes: Partial<ContainerSpec>): Promise<string> {
    const root = join(world.folder, randomUUID())
    for (const folder of ['shared', 'data/bin']) await mkdir(join(root, folder), { recursive: true })
    const spec = world.spec({ mounts: mounts(root), command: ['/usr/bin/sleep', '600'], ...changes })
    await world.engine.create(spec)
    await world.engine.start(spec.name)
    return spec.name
  }

  // Trouble (mounts): the image has no tools for a look from inside
  test('if the image has no tools, the service looks through /proc, or says that it cannot look', async () => {
    const id = await started({ env: { PATH: '/nowhere' } })
    expect(await world.engine.seeInside(id)).toMatchObject({ kind: 'seen', data: { inode: expect.any(String) } })
    using engine = realEngine({ lookThroughProcess: fromInside })
    expect(await engine.seeInside(id)).toMatchObject({
      kind: 'unverifiable',
      reason: expect.stringContaining('no sh, stat and head'),
      isFault: false,
    })
  })

  // Trouble (mounts): a paused container cannot run the look from inside
  test('if the container is paused, the service looks through /proc, or says that it cannot look', async () => {
    const id = await started({})
    await world.engine.pause(id)
    expect(await world.engine.seeInside(id)).toMatchObject({ kind: 'seen', data: { inode: expect.any(String) } })
    using engine = realEngine({ lookThroughProcess: fromInside })
    expect(await engine.seeInside(id)).toMatchObject({
      kind: 'unverifiable',
      reason: expect.stringContaining('paused'),
      isFault: false,
    })
    await world.engine.unpause(id)
  })

  test('a process inside sees the same as a look through /proc', async () => {
    const id = await started({})
    const shared = (await world.engine.inspect(id))?.mounts.find(({ target }) => target === '/home/jovyan/shared')
    await writeFile(join(shared?.source ?? '', '.ai-lab-root'), '5f3c0000-0000-4000-8000-000000000000\n')
    using engine = realEngine({ lookThroughProcess: fromInside })
    const outside = await world.engine.seeInside(id)
    expect(outside).toMatchObject({
      kind: 'seen',
      shared: { inode: expect.any(String) },
      data: { inode: expect.any(String) },
      rootId: '5f3c0000-0000-4000-8000-000000000000',
    })
    expect(await engine.seeInside(id)).toEqual(outside)
  })

  // Trouble (desired): a pause and a new process in the container come at the same moment
  test('a look and a pause at the same moment block neither each other nor the container', async () => {
    using engine = realEngine({ lookThroughProcess: fromInside })
    const id = await started({})
    const { containerId = '' } = (await engine.inspect(id)) ?? {}
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([engine.seeInside(containerId), engine.pause(containerId)])
      await Promise.all([engine.seeInside(containerId), engine.unpause(containerId)])
    }
    await engine.remove(containerId)
  })

  // Trouble (mounts): the look from inside hangs
  test('a look that hangs is given up, and no second look starts until it ends', async () => {
    const id = await started({ env: { PATH: '/home/jovyan/data/bin:/usr/bin:/bin' } })
    const { mounts } = (await world.engine.inspect(id)) ?? {}
    const hang = join(mounts?.find(({ target }) => target === '/home/jovyan/data')?.source ?? '', 'bin/sh')
    await writeFile(hang, '#!/bin/bash\nexec /usr/bin/sleep 600\n', { mode: 0o755 })
    using engine = realEngine({ insideLimitMs: 300, lookThroughProcess: fromInside })
    const hangs = { kind: 'unverifiable', reason: expect.stringContaining('does not answer'), isFault: true }
    expect(await engine.seeInside(id)).toMatchObject(hangs)
    await rm(hang)
    expect(await engine.seeInside(id)).toMatchObject(hangs)
    expect((await inspectOf(id)).ExecIDs).toHaveLength(1)
    const [exec = ''] = (await inspectOf(id)).ExecIDs ?? []
    process.kill((await docker.getExec(exec).inspect()).Pid, 'SIGKILL')
    await expect.poll(() => engine.seeInside(id)).toMatchObject({ kind: 'seen' })
  })

  // Trouble (mounts): a container ends while the proof looks at it
  test.each([
    ['a look through /proc', lookThroughProcess],
    ['a look with a process inside', fromInside],
  ])('%s counts only if the container has not ended meanwhile', async (_, lookThrough) => {
    using engine = realEngine({ lookThroughProcess: lookThrough })
    const ids = await Promise.all([1, 2, 3].map(() => started({ command: ['/usr/bin/sleep', '0.3'] })))
    const leaving = new AbortController()
    const churning = ids.map(async (id) => {
      while (!leaving.signal.aborted) {
        await docker.getContainer(id).wait()
        await engine.start(id)
      }
    })
    const sights: InsideSight[] = []
    for (let round = 0; round < 20; round += 1) {
      sights.push(...(await Promise.all(ids.map((id) => engine.seeInside(id)))))
    }
    leaving.abort()
    await Promise.all(churning)
    const right = { kind: 'seen', shared: { inode: expect.any(String) }, data: { inode: expect.any(String) } }
    expect(sights.filter(({ kind }) => kind === 'unverifiable')).toEqual([])
    const found = sights.filter(({ kind }) => kind === 'seen')
    expect(found.length).toBeGreaterThan(0)
    for (const sight of found) expect(sight).toMatchObject(right)
  })

  // Trouble (mounts): looks through /proc hang, each in a thread of the process
  test('after a look through /proc hangs, later looks use a process inside', async () => {
    const [one, other] = [await started({}), await started({})]
    let looks = 0
    const forEver = () => {
      looks += 1
      return new Promise<never>(() => {})
    }
    using engine = realEngine({ insideLimitMs: 300, lookThroughProcess: forEver })
    const hangs = { kind: 'unverifiable', reason: expect.stringContaining('does not answer'), isFault: true }
    for (let round = 0; round < 3; round += 1) expect(await engine.seeInside(one)).toMatchObject(hangs)
    expect(await engine.seeInside(other)).toMatchObject({ kind: 'seen' })
    expect(looks).toBe(1)
  })

  async function inspectOf(id: string) {
    return docker.getContainer(id).inspect()
  }
})

function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, (answer) => resolve(answer.resume().statusCode)).once(
      'error',
      reject,
    )
  })
}
