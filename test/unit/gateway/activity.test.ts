import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { createActivity } from '../../../src/gateway/activity.ts'

const minute = 60_000
const settled = () => Promise.resolve().then(() => {})

/** One environment and the gateway's notes on it; tests let the minutes pass. */
function createScene(type: Environment['launch']['type'] = 'vscode') {
  const scene = {
    now: 0,
    record: { id: 'e1', launch: { type }, desired: 'running', lastActivityAt: null } as Environment,
    /** Minutes of the notes in the record. */
    notes: [] as number[],
    /** The next tick; null if nothing is left to do. */
    next: null as (() => void) | null,
    async pass(minutes: number) {
      await settled()
      for (let passed = 0; passed < minutes; passed += 1) {
        scene.now += minute
        const tick = scene.next
        scene.next = null
        tick?.()
        await settled()
      }
    },
    begin() {
      const socket = Object.assign(new EventEmitter(), {
        bytesRead: 500,
        receive(octets: number) {
          socket.bytesRead += octets
          socket.emit('data')
        },
      })
      activity.began(scene.record, socket, socket)
      return socket
    },
  }
  const activity = createActivity({
    store: {
      get: async () => scene.record,
      async change(_id, { lastActivityAt }) {
        scene.notes.push((lastActivityAt ?? 0) / minute)
        return scene.record
      },
    },
    clock: {
      now: () => scene.now,
      after(_ms, call) {
        scene.next = call
        return () => {
          scene.next = null
        }
      },
    },
    everyMs: minute,
    onError: (error) => {
      throw error
    },
  })
  return Object.assign(scene, { activity })
}

test.each(['vscode', 'web'] as const)(
  'requests to %s are noted at once, then once a minute, however many there are, and nothing is left to do afterwards',
  async (type) => {
    const scene = createScene(type)
    for (let count = 0; count < 10; count += 1) scene.begin().emit('close')
    await scene.pass(3)
    expect(scene.notes).toEqual([0, 1])
    expect(scene.next).toBeNull()
  },
)

// Trouble (idleness): a person comes back to an editor in the minute before its pause, and it is paused all the same
test('the first use after a silence is noted at once, by a request or on an open WebSocket', async () => {
  const scene = createScene()
  const socket = scene.begin()
  await settled()
  expect(scene.notes).toEqual([0])
  await scene.pass(5)
  socket.receive(8)
  await settled()
  expect(scene.notes).toEqual([0, 5])
  for (let count = 0; count < 10; count += 1) socket.receive(8)
  await scene.pass(5)
  expect(scene.notes).toEqual([0, 5, 6])
  scene.begin()
  await settled()
  expect(scene.notes).toEqual([0, 5, 6, 10])
})

// Trouble (idleness): a page is left open in an editor that says nothing
test('an open connection counts while its client sends on it, and not while it is silent', async () => {
  const scene = createScene()
  const socket = scene.begin()
  await scene.pass(5)
  socket.bytesRead += 8
  await scene.pass(5)
  socket.bytesRead += 8
  socket.emit('close')
  await scene.pass(5)
  expect(scene.notes).toEqual([0, 6, 10])
})

test('what an open page sends to a paused environment does not count', async () => {
  const scene = createScene()
  const socket = scene.begin()
  await scene.pass(1)
  scene.record.desired = 'paused'
  socket.receive(8)
  await scene.pass(1)
  expect(scene.notes).toEqual([0])
})

test('nothing is noted of a Jupyter server, which knows more of its use, and nothing after the gateway ended', async () => {
  const jupyter = createScene('jupyter')
  jupyter.begin()
  await jupyter.pass(1)
  expect(jupyter.notes).toEqual([])
  const ended = createScene()
  const socket = ended.begin()
  ended.begin()
  await ended.pass(2)
  ended.activity[Symbol.dispose]()
  socket.receive(8)
  socket.emit('close')
  await ended.pass(1)
  expect(ended.notes).toEqual([0, 1])
  expect(ended.next).toBeNull()
})
