import { cp, mkdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerSpec } from '../../src/domain/environment/container-spec.ts'
import { labels } from '../../src/domain/names.ts'
import type { Errand, LogLine } from '../../src/ports/engine.ts'
import type { EngineWorld } from '../support/engine-world.ts'

/** The behaviour that the real engine and the fake share. */
export function engineContract(name: string, makeWorld: () => Promise<EngineWorld>): void {
  describe(`${name}:`, () => {
    let world: EngineWorld
    beforeAll(async () => {
      world = await makeWorld()
    })
    afterAll(() => world[Symbol.asyncDispose]())

    async function created(changes?: Partial<ContainerSpec>): Promise<string> {
      const spec = world.spec(changes)
      await world.engine.create(spec)
      return spec.name
    }

    async function started(): Promise<string> {
      const id = await created()
      await world.engine.start(id)
      return id
    }

    describe('life of a container:', () => {
      test('a created container is there, with its labels, and does not run', async () => {
        const spec = world.spec()
        await world.engine.create(spec)
        expect(await world.engine.inspect(spec.name)).toEqual({
          kind: 'container',
          containerId: expect.stringMatching(/^[0-9a-f]{64}$/),
          name: spec.name,
          image: spec.image,
          imageId: (await world.engine.findImage(spec.image))?.id,
          mounts: spec.mounts,
          environmentId: spec.name,
          state: 'created',
          startedAt: null,
          finishedAt: null,
          exitCode: null,
          outOfMemory: false,
          address: null,
          labels: expect.objectContaining(spec.labels),
        })
      })

      test('a started container runs, and has an address on this host', async () => {
        const before = Date.now()
        const id = await started()
        const seen = await world.engine.inspect(id)
        expect(seen).toMatchObject({ state: 'running', exitCode: null, address: { host: '127.0.0.1' } })
        expect(seen?.address?.port).toBeGreaterThan(0)
        expect(seen?.startedAt).toBeGreaterThanOrEqual(before)
      })

      // Trouble (desired): another program takes the port of a stopped environment
      test('a container with a fixed port has it at each start, and does not start while another container has it', async () => {
        const hostPort = await world.freePort()
        const id = await created({ hostPort })
        await world.engine.start(id)
        expect(await world.engine.inspect(id)).toMatchObject({ address: { host: '127.0.0.1', port: hostPort } })
        await world.engine.stop(id, 0)

        const other = await created({ hostPort })
        await world.engine.start(other)
        await expect(world.engine.start(id)).rejects.toMatchObject({
          code: 'port-taken',
          detail: expect.stringContaining(`port ${hostPort} is taken`),
        })
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'exited', startedAt: expect.any(Number) })
        const third = await created({ hostPort })
        await expect(world.engine.start(third)).rejects.toMatchObject({ code: 'port-taken' })
        expect(await world.engine.inspect(third)).toMatchObject({ state: 'created', startedAt: null })

        await world.engine.remove(other)
        await world.engine.start(id)
        expect(await world.engine.inspect(id)).toMatchObject({ address: { port: hostPort } })
      })

      test('a container does not start while another program listens on its port', async () => {
        const hostPort = await world.freePort()
        const id = await created({ hostPort })
        await using _listener = await world.listen(hostPort)
        await expect(world.engine.start(id)).rejects.toMatchObject({ code: 'port-taken' })
      })

      test('a paused container resumes', async () => {
        const id = await started()
        await world.engine.pause(id)
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'paused' })
        await world.engine.unpause(id)
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'running' })
      })

      test('a stopped container has ended, has no address, and can start again', async () => {
        const id = await started()
        await world.engine.stop(id, 0)
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137, address: null })
        await world.engine.start(id)
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'running', exitCode: null })
      })

      test('a paused container can be stopped', async () => {
        const id = await started()
        await world.engine.pause(id)
        await world.engine.stop(id, 0)
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'exited' })
      })

      test('a container that ends by itself leaves its exit code', async () => {
        const id = await started()
        const stopping = new AbortController()
        const events = world.engine.events({ signal: stopping.signal })
        await world.exit(id, 3)
        for await (const event of events) if (event.environmentId === id && event.action === 'die') break
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 3 })
      })

      // Trouble (input): a program takes more memory than its environment has
      test('the engine reports that memory ran out in a container, and the container goes on', async () => {
        const id = await started()
        const stopping = new AbortController()
        const events = world.engine.events({ signal: stopping.signal })
        const before = await world.engine.inspect(id)
        await world.exhaustMemory(id)
        for await (const event of events) {
          if (event.environmentId !== id || event.action !== 'oom') continue
          expect(event.at).toBeGreaterThanOrEqual(before?.startedAt ?? Number.NaN)
          break
        }
        expect(await world.engine.inspect(id)).toMatchObject({ state: 'running', startedAt: before?.startedAt })
      })

      test('a removed container is gone, whether it ran or not', async () => {
        const [running, idle] = [await started(), await created()]
        await Promise.all([world.engine.remove(running), world.engine.remove(idle)])
        expect(await world.engine.inspect(running)).toBeNull()
        expect(await world.engine.inspect(idle)).toBeNull()
      })

      test('the list has running, created and ended containers', async () => {
        const [running, idle] = [await started(), await created()]
        const ended = await started()
        await world.engine.stop(ended, 0)
        const list = new Map((await world.engine.list()).map((seen) => [seen.environmentId, seen]))
        expect(list.get(running)).toMatchObject({ state: 'running', address: { host: '127.0.0.1' }, startedAt: null })
        expect(list.get(running)?.address).toEqual((await world.engine.inspect(running))?.address)
        expect(list.get(idle)).toMatchObject({ state: 'created', address: null })
        expect(list.get(idle)?.labels).toMatchObject({ [labels.user]: 'demo@ailab.com' })
        expect(list.get(ended)).toMatchObject({ state: 'exited', exitCode: 137, address: null })
      })
    })

    describe('repeated calls:', () => {
      test('a second create leaves an existing container as it is', async () => {
        const spec = world.spec()
        const containerId = await world.engine.create(spec)
        await world.engine.start(spec.name)
        expect(await world.engine.create(spec)).toBe(containerId)
        expect(await world.engine.inspect(spec.name)).toMatchObject({ state: 'running', containerId })
      })

      test('a create under the name of another environment is refused', async () => {
        const spec = world.spec()
        await world.engine.create(spec)
        const other = { ...spec, labels: { ...spec.labels, [labels.environment]: 'another' } }
        await expect(world.engine.create(other)).rejects.toMatchObject({ code: 'engine-refused' })
      })

      test('a second start, pause, resume, stop or remove counts as done', async () => {
        const id = await started()
        await world.engine.start(id)
        await world.engine.pause(id)
        await world.engine.pause(id)
        await world.engine.unpause(id)
        await world.engine.unpause(id)
        await world.engine.stop(id, 0)
        await world.engine.stop(id, 0)
        await Promise.all([world.engine.remove(id), world.engine.remove(id)])
        await world.engine.remove(id)
        expect(await world.engine.inspect(id)).toBeNull()
      })

      test('a stop of a missing container counts as done', async () => {
        await world.engine.stop('ai-lab-contract-never', 0)
      })
    })

    describe('refusals:', () => {
      test('the engine refuses to create a container from a missing image', async () => {
        const create = world.engine.create(world.spec({ image: 'registry.invalid/none:1' }))
        await expect(create).rejects.toMatchObject({ code: 'image-unavailable' })
        expect(await world.engine.findImage('registry.invalid/none:1')).toBe(null)
        const there = await world.engine.findImage('debian:trixie-slim')
        expect(there).toMatchObject({ id: expect.any(String) })
        expect(there?.bytes).toBeGreaterThan(2 ** 20)
      })

      // Trouble (input): an image is missing and cannot be pulled
      test('a pull of an unknown image fails', async () => {
        const pull = world.engine.pull('registry.invalid/none:1', () => {})
        await expect(pull).rejects.toMatchObject({ code: 'image-unavailable' })
      })

      test('the engine refuses to create a container if the folder of a mount is missing, and makes no folder', async () => {
        const source = join(world.folder, 'nowhere')
        const create = world.engine.create(world.spec({ mounts: [{ source, target: '/data', readOnly: false }] }))
        await expect(create).rejects.toMatchObject({
          code: 'data-root-not-proven',
          detail: expect.not.stringContaining(source),
          adminDetail: expect.stringContaining(source),
        })
        await expect(stat(source)).rejects.toMatchObject({ code: 'ENOENT' })
      })

      test('the engine refuses to start a container if the folder of a mount was moved away, and makes no folder', async () => {
        const source = join(world.folder, 'moved')
        await mkdir(source)
        const id = await created({ mounts: [{ source, target: '/data', readOnly: false }] })
        await rename(source, `${source}-away`)
        await expect(world.engine.start(id)).rejects.toMatchObject({ code: 'data-root-not-proven' })
        await expect(stat(source)).rejects.toMatchObject({ code: 'ENOENT' })
      })

      test('the engine refuses to start, pause or resume a missing container', async () => {
        for (const act of ['start', 'pause', 'unpause'] as const) {
          await expect(world.engine[act]('ai-lab-contract-never')).rejects.toMatchObject({ code: 'engine-refused' })
        }
      })

      test('the engine refuses to pause or resume a container that does not run', async () => {
        const id = await created()
        await expect(world.engine.pause(id)).rejects.toMatchObject({ code: 'engine-refused' })
        await expect(world.engine.unpause(id)).rejects.toMatchObject({ code: 'engine-refused' })
      })

      test("an aborted call rejects with the caller's reason", async () => {
        const reason = new Error('enough')
        await expect(world.engine.list({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
        await expect(world.engine.create(world.spec(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      })
    })

    describe('logs:', () => {
      const texts = (lines: LogLine[] = []) => lines.map(({ stream, text }) => `${stream} ${text}`)

      test('a log has the last lines of both streams', async () => {
        const id = await started()
        await world.say(id, 'stdout', 'one')
        await world.say(id, 'stderr', 'zwei – 二')
        await world.say(id, 'stdout', 'three')
        expect(texts((await world.engine.logs(id, 2))?.lines)).toEqual(['stderr zwei – 二', 'stdout three'])
        expect(await world.engine.logs(id, 100)).toEqual({ lines: expect.any(Array), isCut: false })
        expect((await world.engine.logs(id, 100))?.lines).toHaveLength(3)
      })

      // Trouble (worst): the last words of an earlier run are shown as those of this run
      test('a log since the start of a run has only the lines of that run', async () => {
        const id = await started()
        await world.say(id, 'stdout', 'of the run before')
        await expect.poll(async () => (await world.engine.logs(id, 10))?.lines).toHaveLength(1)
        await world.engine.stop(id, 0)
        await world.engine.start(id)
        const since = (await world.engine.inspect(id))?.startedAt ?? null
        await world.say(id, 'stdout', 'of this run')
        const ofThisRun = async () => texts((await world.engine.logs(id, 10, { since }))?.lines)
        await expect.poll(ofThisRun).toContain('stdout of this run')
        expect(await ofThisRun()).not.toContain('stdout of the run before')
        expect(texts((await world.engine.logs(id, 10))?.lines)).toContain('stdout of the run before')
      })

      test('a missing container has no log', async () => {
        expect(await world.engine.logs('ai-lab-contract-never', 10)).toBeNull()
        const follow = world.engine.followLogs('ai-lab-contract-never', 10, { signal: new AbortController().signal })
        expect(await Array.fromAsync(follow)).toEqual([])
      })

      test('a followed log begins with the last lines, and ends with the container', async () => {
        const id = await started()
        await world.say(id, 'stdout', 'skipped')
        await world.say(id, 'stdout', 'before')
        const lines: LogLine[] = []
        for await (const line of world.engine.followLogs(id, 1, { signal: new AbortController().signal })) {
          lines.push(line)
          if (line.text === 'before') await world.say(id, 'stderr', 'after')
          if (line.text === 'after') await world.exit(id, 0)
        }
        expect(texts(lines)).toEqual(['stdout before', 'stderr after'])
      })

      test('a followed log ends when the reader aborts', async () => {
        const id = await started()
        await world.say(id, 'stdout', 'before')
        const reading = new AbortController()
        for await (const _ of world.engine.followLogs(id, 10, { signal: reading.signal })) reading.abort()
        expect(reading.signal.aborted).toBe(true)
      })

      test('a followed log ends when the reader stops reading', async () => {
        const id = await started()
        await world.say(id, 'stdout', 'before')
        for await (const _ of world.engine.followLogs(id, 10, { signal: new AbortController().signal })) break
      })
    })

    describe('stats:', () => {
      test('a running container has stats', async () => {
        const id = await started()
        const stats = await world.engine.stats(id)
        expect(stats).toMatchObject({ memoryLimitBytes: 64 * 2 ** 20 })
        expect(stats?.memoryBytes).toBeGreaterThan(0)
        expect(stats?.pids).toBeGreaterThan(0)
        expect(stats?.cpuPercent).toBeLessThanOrEqual(100)
        expect(await world.engine.cpuTimeMs(id)).toBeGreaterThan(0)
      })

      test('a paused container has stats', async () => {
        const id = await started()
        await world.engine.pause(id)
        expect(await world.engine.stats(id)).toMatchObject({ memoryLimitBytes: 64 * 2 ** 20 })
        expect(await world.engine.cpuTimeMs(id)).toBeGreaterThan(0)
      })

      test('a container that never ran, has ended or is missing has no stats', async () => {
        expect(await world.engine.stats(await created())).toBeNull()
        const ended = await started()
        await world.engine.stop(ended, 0)
        expect(await world.engine.stats(ended)).toBeNull()
        expect(await world.engine.stats('ai-lab-contract-never')).toBeNull()
        expect(await world.engine.cpuTimeMs(ended)).toBeNull()
        expect(await world.engine.cpuTimeMs('ai-lab-contract-never')).toBeNull()
      })
    })

    // Trouble (cost): a container ends, or is removed, while the service reads its stats and its log
    describe('the end of a container during a call:', () => {
      test.each(['stop', 'remove'] as const)('stats and logs give no error during a %s', async (act) => {
        const id = await started()
        let isOver = false
        const acting = (act === 'stop' ? world.engine.stop(id, 0) : world.engine.remove(id)).finally(() => {
          isOver = true
        })
        const ask = async (question: () => Promise<unknown>) => {
          do await question()
          while (!isOver)
        }
        await Promise.all([
          acting,
          ...[1, 2, 3].map(() => ask(() => world.engine.stats(id))),
          ...[1, 2, 3].map(() => ask(() => world.engine.logs(id, 10))),
          ask(() => Array.fromAsync(world.engine.followLogs(id, 10, { signal: AbortSignal.timeout(20) }))),
        ])
        expect(await world.engine.stats(id)).toBeNull()
      })
    })

    describe('events:', () => {
      test('a subscriber gets each event from its call on, until its signal aborts', async () => {
        const listening = new AbortController()
        const events = world.engine.events({ signal: listening.signal })
        const before = Date.now()
        const id = await started()
        await world.engine.pause(id)
        await world.engine.unpause(id)
        await world.engine.stop(id, 0)
        await world.engine.remove(id)
        const actions: string[] = []
        for await (const event of events) {
          if (event.environmentId !== id) continue
          expect(event.at).toBeGreaterThanOrEqual(before)
          actions.push(event.action)
          if (event.action === 'destroy') listening.abort()
        }
        // Engine 20.10 says `pause` and `unpause` twice when it and the runtime below it notice at the same moment.
        expect([...new Set(actions)]).toEqual(['create', 'start', 'pause', 'unpause', 'die', 'stop', 'destroy'])
      })

      test('a subscriber whose signal has aborted already gets no event', async () => {
        expect(await Array.fromAsync(world.engine.events({ signal: AbortSignal.abort() }))).toEqual([])
      })
    })

    describe('files of the host:', () => {
      async function root(name: string): Promise<string> {
        const path = join(world.folder, name)
        await mkdir(join(path, 'shared'), { recursive: true })
        for (const file of ['marker', 'shared/marker']) await writeFile(join(path, file), `id of ${file}\n`)
        return path
      }
      const modified = async (path: string) => (await stat(path, { bigint: true })).mtimeNs.toString()

      test('a probe gives the size of a file, its time of change to the nanosecond, and its text', async () => {
        const path = await root('plain')
        const probe = world.probe(path)
        expect(await world.engine.look(probe, ['marker', 'shared/marker', 'none'])).toEqual([
          { sizeBytes: 13, modifiedNs: await modified(join(path, 'marker')) },
          { sizeBytes: 20, modifiedNs: await modified(join(path, 'shared/marker')) },
          null,
        ])
        expect(await world.engine.read(probe, 'shared/marker')).toBe('id of shared/marker\n')
        expect(await world.engine.read(probe, 'none')).toBeNull()
      })

      test('a probe sees a touch at once', async () => {
        const path = await root('touched')
        const probe = world.probe(path)
        const [before] = await world.engine.look(probe, ['marker'])
        await utimes(join(path, 'marker'), 1_234_567, 1_234_567.5)
        const [after] = await world.engine.look(probe, ['marker'])
        expect(before?.modifiedNs).not.toBe(after?.modifiedNs)
        expect(after?.modifiedNs).toBe('1234567500000000')
      })

      test('a probe that was dropped, even twice, is made again', async () => {
        const path = await root('dropped')
        const probe = world.probe(path)
        await world.engine.dropProbe(probe.name)
        const [before] = await world.engine.look(probe, ['marker'])
        await world.engine.dropProbe(probe.name)
        await world.engine.dropProbe(probe.name)
        expect(await world.engine.look(probe, ['marker'])).toEqual([before])
      })

      test('a probe sees that a root was moved away, and then another root in its place', async () => {
        const path = await root('replaced')
        const probe = world.probe(path)
        await world.engine.look(probe, ['marker'])
        await rename(path, `${path}-away`)
        expect(await world.engine.look(probe, ['marker', 'shared/marker'])).toEqual([null, null])
        expect(await world.engine.read(probe, 'marker')).toBeNull()
        await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
        await cp(`${path}-away`, path, { recursive: true, preserveTimestamps: true })
        await writeFile(join(path, 'marker'), 'another root')
        expect(await world.engine.read(probe, 'marker')).toBe('another root')
      })

      test('a probe sees no file, gives no error and makes no folder where no root ever was', async () => {
        const path = join(world.folder, 'never')
        const probe = world.probe(path)
        expect(await world.engine.look(probe, ['marker', 'shared/marker'])).toEqual([null, null])
        expect(await world.engine.read(probe, 'marker')).toBeNull()
        await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
        await root('never')
        expect(await world.engine.read(probe, 'marker')).toBe('id of marker\n')
      })

      test('a probe of the same name can show another root', async () => {
        const probe = world.probe(await root('first'))
        const other = await root('second')
        await writeFile(join(other, 'marker'), 'second')
        expect(await world.engine.read(probe, 'marker')).toBe('id of marker\n')
        expect(await world.engine.read({ ...probe, hostPath: other }, 'marker')).toBe('second')
        expect(await world.engine.read(probe, 'marker')).toBe('id of marker\n')
      })

      test('a probe sees only regular files: no link, no folder, and none in a root that is a file', async () => {
        const path = await root('kinds')
        await symlink('marker', join(path, 'link'))
        const probe = world.probe(path)
        expect(await world.engine.look(probe, ['link', 'shared', 'marker/below'])).toEqual([null, null, null])
        expect(await world.engine.read(probe, 'link')).toBeNull()
        expect(await world.engine.read(probe, 'shared')).toBeNull()
        expect(await world.engine.look(world.probe(join(path, 'marker')), ['marker'])).toEqual([null])
      })

      test('a probe sees through a root that is a symbolic link', async () => {
        await symlink(await root('target'), join(world.folder, 'linked'))
        expect(await world.engine.read(world.probe(join(world.folder, 'linked')), 'marker')).toBe('id of marker\n')
      })

      test('a probe reads no text of more than 4 KiB', async () => {
        const path = await root('large')
        await writeFile(join(path, 'most'), 'x'.repeat(4096))
        await writeFile(join(path, 'more'), 'x'.repeat(4097))
        const probe = world.probe(path)
        expect(await world.engine.read(probe, 'most')).toHaveLength(4096)
        expect(await world.engine.read(probe, 'more')).toBeNull()
      })

      // Trouble (input): a path has spaces, colons, commas or unicode
      test.each([
        'with spaces',
        'with:colon',
        'with,comma',
        'mit Ümläut 日本',
        'with"quote\'s',
        'with%41?&=#+',
        'with\\back',
      ])('a probe sees a root and a file named %o', async (name) => {
        const path = await root(name)
        await writeFile(join(path, name), name)
        const probe = world.probe(path)
        expect(await world.engine.read(probe, name)).toBe(name)
        const [sight] = await world.engine.look(probe, [name])
        expect(sight?.modifiedNs).toBe(await modified(join(path, name)))
        const id = await created({ mounts: [{ source: path, target: '/home/jovyan/data', readOnly: true }] })
        await world.engine.start(id)
      })

      test('a probe that somebody removed is made again', async () => {
        const probe = world.probe(await root('pruned'))
        await world.engine.look(probe, ['marker'])
        await world.engine.remove(probe.name)
        const sights = await world.engine.look(probe, ['marker', 'none'])
        expect(sights).toEqual([expect.objectContaining({ sizeBytes: 13 }), null])
        await world.engine.remove(probe.name)
        expect(await world.engine.read(probe, 'marker')).toBe('id of marker\n')
        await rm(probe.hostPath, { recursive: true })
      })
    })

    describe('looks into a running container:', () => {
      const rootId = '5f3c0000-0000-4000-8000-000000000000'

      async function lab(name: string): Promise<{ root: string; id: string }> {
        const root = join(world.folder, name)
        for (const folder of ['shared', 'users/demo']) await mkdir(join(root, folder), { recursive: true })
        await writeFile(join(root, 'shared/.ai-lab-root'), `${rootId}\n`)
        const id = await created({
          mounts: [
            { source: join(root, 'shared'), target: '/home/jovyan/shared', readOnly: true },
            { source: join(root, 'users/demo'), target: '/home/jovyan/data', readOnly: false },
          ],
        })
        await world.engine.start(id)
        return { root, id }
      }

      async function idOf(path: string): Promise<{ device: string; inode: string }> {
        const { dev, ino } = await stat(path, { bigint: true })
        return { device: String(dev), inode: String(ino) }
      }

      test('a look gives the folders that the container sees, and the marker', async () => {
        const { root, id } = await lab('inside')
        expect(world.engine.sameMachine).toBe(true)
        expect(await world.engine.seeInside(id)).toEqual({
          kind: 'seen',
          shared: await idOf(join(root, 'shared')),
          data: await idOf(join(root, 'users/demo')),
          rootId,
        })
      })

      test('a look still gives the old folder after another took its place', async () => {
        const { root, id } = await lab('replaced')
        const before = await idOf(join(root, 'users/demo'))
        await rename(join(root, 'users/demo'), join(root, 'users/demo-away'))
        await mkdir(join(root, 'users/demo'))
        expect(await world.engine.seeInside(id)).toMatchObject({ data: before })
        expect(await idOf(join(root, 'users/demo'))).not.toEqual(before)
      })

      test('a look says so if the container has ended or is missing', async () => {
        const { id } = await lab('ended')
        await world.engine.stop(id, 0)
        for (const one of [id, 'ai-lab-contract-none']) {
          expect(await world.engine.seeInside(one)).toEqual({ kind: 'ended' })
        }
      })
    })

    test("the engine accepts a container's own id in place of its name", async () => {
      const spec = world.spec()
      const containerId = await world.engine.create(spec)
      await world.engine.start(containerId)
      await world.engine.pause(containerId)
      await world.engine.unpause(containerId)
      expect(await world.engine.inspect(spec.name)).toMatchObject({ state: 'running' })
      await world.engine.stop(containerId, 0)
      expect(await world.engine.inspect(spec.name)).toMatchObject({ state: 'exited' })
      await world.engine.remove(containerId)
      expect(await world.engine.inspect(spec.name)).toBeNull()
    })

    // Trouble (worst): the engine's clock differs, or is set back
    test('the engine distinguishes a container that somebody stopped from one that ended by itself', async () => {
      const [stopped, ended] = [await started(), await started()]
      await world.engine.stop(stopped, 0)
      await world.exit(ended, 0)
      await expect.poll(async () => (await world.engine.inspect(ended))?.state).toBe('exited')
      const wasStopped = async (id: string) => {
        const { containerId = '', finishedAt } = (await world.engine.inspect(id)) ?? {}
        expect(Math.abs(Date.now() - (finishedAt ?? 0))).toBeLessThan(30_000)
        return world.engine.wasStopped(containerId, finishedAt ?? 0)
      }
      expect([await wasStopped(stopped), await wasStopped(ended)]).toEqual([true, false])
      // As if the clock was set back by an hour since then.
      expect(await world.engine.wasStopped(stopped, Date.now() + 3_600_000)).toBe(false)
      await world.engine.start(stopped)
      expect((await world.engine.inspect(stopped))?.finishedAt).toBeNull()
      await world.exit(stopped, 0)
      await expect.poll(async () => (await world.engine.inspect(stopped))?.state).toBe('exited')
      expect(await wasStopped(stopped)).toBe(false)
    })

    test('the engine gives the value of a variable of a container', async () => {
      const id = await created({ env: { GREETING: 'a=b c', EMPTY: '' } })
      expect(await world.engine.variable(id, 'GREETING')).toBe('a=b c')
      expect(await world.engine.variable(id, 'EMPTY')).toBe('')
      expect(await world.engine.variable(id, 'GREET')).toBeNull()
      expect(await world.engine.variable('ai-lab-contract-none', 'GREETING')).toBeNull()
    })

    test('the network of the environments stays while one of them runs', async () => {
      await started()
      expect(await world.engine.removeNetwork()).toBe(false)
    })

    describe('errands:', () => {
      const ended = async (script: string, changes: Partial<Errand> = {}, options: { signal?: AbortSignal } = {}) => {
        const lines: LogLine[] = []
        const exitCode = await world.engine.runErrand(
          world.errand(script, changes),
          (line) => lines.push(line),
          options,
        )
        return { exitCode, lines }
      }

      test('an errand gets its secret as a line of its input, and gives its lines and its exit code', async () => {
        const script = 'read -r secret; echo "got $secret"; echo "$GREETING" >&2; exit 3'
        expect(await ended(script)).toEqual({
          exitCode: 3,
          lines: expect.arrayContaining([
            { stream: 'stdout', text: 'got sesame' },
            { stream: 'stderr', text: 'hello' },
          ]),
        })
      })

      test('the output of an errand is bytes for a caller that asks for bytes, and the caller can refuse more', async () => {
        const pieces: Uint8Array[] = []
        const lines: string[] = []
        const errand = world.errand("printf 'a\\r\\n\\000\\377b'; echo words >&2; exit 3")
        const onOutput = async (piece: Uint8Array) => void pieces.push(Uint8Array.from(piece))
        const exitCode = await world.engine.runErrand(errand, ({ text }) => lines.push(text), { onOutput })
        expect({ exitCode, lines, output: Buffer.concat(pieces).toString('latin1') }).toEqual({
          ...{ exitCode: 3, lines: ['words'], output: 'a\r\n\0\xffb' },
        })
        const endless = world.errand('while :; do echo 0123456789; done')
        const enough = async () => {
          throw new Error('enough')
        }
        await expect(world.engine.runErrand(endless, () => {}, { onOutput: enough })).rejects.toThrow('enough')
        expect(await world.engine.inspect(endless.name)).toBeNull()
      })

      test('an errand waits for the reader of its output, and loses none of it', async () => {
        const sizeBytes = 50_000_000
        const writes = `head -c ${sizeBytes} /dev/zero`
        const [reading, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
        let bytes = 0
        const slow = async (piece: Uint8Array) => {
          bytes += piece.length
          reading.resolve()
          await free.promise
        }
        const waiting = world.engine.runErrand(world.errand(writes), () => {}, { onOutput: slow })
        await reading.promise
        const quick = world.engine.runErrand(world.errand(writes), () => {}, { onOutput: async () => {} })
        expect(await Promise.race([waiting, quick.then(() => 'waits')])).toBe('waits')
        expect(bytes).toBeLessThan(sizeBytes)
        free.resolve()
        expect([await waiting, bytes]).toEqual([0, sizeBytes])
      })

      // Trouble (worst): a client takes nothing and holds a container
      test('an errand ends with its caller, also while the reader of its output is busy', async () => {
        const leaving = new AbortController()
        const busy = Promise.withResolvers<void>()
        const errand = world.errand('while :; do echo 0123456789; done')
        const onOutput = () => {
          busy.resolve()
          return new Promise<never>(() => {})
        }
        const running = world.engine.runErrand(errand, () => {}, { onOutput, signal: leaving.signal })
        await busy.promise
        leaving.abort(new Error('enough'))
        await expect(running).rejects.toThrow('enough')
        expect(await world.engine.inspect(errand.name)).toBeNull()
      })

      test('an errand is not made if a folder that it needs is missing', async () => {
        const mounts = [{ source: join(world.folder, 'nowhere'), target: '/nowhere', readOnly: true }]
        await expect(ended('exit 0', { mounts })).rejects.toMatchObject({ code: 'data-root-not-proven' })
      })

      test('an errand of an image that the engine lacks is refused, until the image was made', async () => {
        const image = `ai-lab/contract-${Date.now()}:1`
        await expect(ended('exit 0', { image })).rejects.toMatchObject({ code: 'image-unavailable' })
        let reads = 0
        const tar = async () => {
          reads += 1
          return new Uint8Array(1024)
        }
        await world.engine.importImage(image, tar)
        await world.engine.importImage(image, tar)
        expect(reads).toBe(1)
        expect(await world.engine.findImage(image)).toMatchObject({ id: expect.any(String) })
        await world.removeImage(image)
      })

      test('an errand whose caller gives up is killed, and its container is gone', async () => {
        const leaving = new AbortController()
        const errand = world.errand('echo up; sleep 600')
        const running = world.engine.runErrand(errand, () => leaving.abort(new Error('enough')), {
          signal: leaving.signal,
        })
        await expect(running).rejects.toThrow('enough')
        expect(await world.engine.inspect(errand.name)).toBeNull()
      })

      test('errands of a process that is gone are ended by their label', async () => {
        const errand = world.errand('echo up; sleep 600')
        const up = Promise.withResolvers<void>()
        const running = world.engine.runErrand(errand, () => up.resolve())
        await up.promise
        const ofLabel = { name: labels.errand, value: errand.name }
        await world.engine.endErrands({ ...ofLabel, except: new Set([errand.name]) })
        const first = await Promise.race([running, world.engine.info().then(() => 'goes on')])
        expect(first).toBe('goes on')
        await world.engine.endErrands(ofLabel)
        expect(await running).toBe(137)
      })
    })

    test('the engine remembers each data root once for each path', async () => {
      const witness = world.witness()
      await world.engine.keepWitness(witness)
      await world.engine.keepWitness(witness)
      const kept = (await world.engine.witnesses()).filter(({ name }) => name === witness.name)
      expect(kept).toEqual([witness])
      await world.engine.forgetWitness(witness.name)
      await world.engine.forgetWitness(witness.name)
      expect((await world.engine.witnesses()).filter(({ name }) => name === witness.name)).toEqual([])
    })

    test('the engine gives its version', async () => {
      expect(await world.engine.info()).toEqual({
        version: expect.any(String),
        apiVersion: expect.stringMatching(/^1\./),
      })
    })

    test('the engine finds all containers that mount a folder of the host or one below it, whoever made them', async () => {
      const users = join(world.folder, 'legacy/users')
      await mkdir(join(users, 'demo'), { recursive: true })
      await mkdir(`${users}-of-another`)
      const mounting = (source: string, labels: Record<string, string>) =>
        created({ mounts: [{ source, target: '/home/jovyan/data', readOnly: false }], labels })
      const [whole, below] = [await mounting(users, {}), await mounting(join(users, 'demo'), { of: 'another' })]
      await mounting(`${users}-of-another`, {})
      await world.engine.start(below)
      const found = await world.engine.containersMounting(users)
      expect(found.sort((one, other) => (one.name === whole ? -1 : other.name === whole ? 1 : 0))).toEqual([
        expect.objectContaining({ id: expect.any(String), name: whole, state: 'created', labels: {} }),
        expect.objectContaining({
          name: below,
          state: 'running',
          labels: { of: 'another' },
          mounts: [{ source: join(users, 'demo'), target: '/home/jovyan/data', readOnly: false }],
        }),
      ])
      expect(await world.engine.containersMounting(join(world.folder, 'mounted-by-nobody'))).toEqual([])
    })

    test('the engine knows of no mount of this process, which runs in no container', async () => {
      expect(await world.engine.ownMountSource('/never/mounted')).toBeNull()
    })
  })
}
