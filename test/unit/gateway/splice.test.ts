import { Duplex } from 'node:stream'
import { setImmediate as tick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { splice } from '../../../src/gateway/splice.ts'

/** A socket whose other side takes what is written only when it is told to. */
function socket() {
  const taken: string[] = []
  let take = () => {}
  const duplex = new Duplex({
    highWaterMark: 4,
    allowHalfOpen: true,
    read() {},
    write(chunk, _encoding, done) {
      taken.push(String(chunk))
      take = done
    },
  })
  return { duplex, taken, take: () => take() }
}

test('bytes go both ways, and the end of one side becomes the end of the other', async () => {
  const [one, other] = [socket(), socket()]
  splice(one.duplex, other.duplex)
  one.duplex.push('to')
  other.duplex.push('fro')
  await tick()
  expect([one.taken, other.taken]).toEqual([['fro'], ['to']])
  other.take()
  one.duplex.push(null)
  await tick()
  expect(other.duplex.writableEnded).toBe(true)
  expect(one.duplex.writableEnded).toBe(false) // it may still hear what the other side has to say
})

test('a side that takes nothing holds the other side up', async () => {
  const [one, other] = [socket(), socket()]
  splice(one.duplex, other.duplex)
  one.duplex.push('12345678')
  await tick()
  expect(one.duplex.isPaused()).toBe(true)
  other.take()
  await tick()
  expect(one.duplex.isPaused()).toBe(false)
})

test('when one side breaks off, so does the other', async () => {
  const [one, other] = [socket(), socket()]
  splice(one.duplex, other.duplex)
  one.duplex.destroy(new Error('reset'))
  await tick()
  expect(other.duplex.destroyed).toBe(true)
})
