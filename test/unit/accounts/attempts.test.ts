import { expect, test } from 'vitest'
import { createAttempts } from '../../../src/accounts/attempts.ts'
import { userId } from '../../../src/domain/people/user-id.ts'

const alice = userId.parse('alice')
const minute = 60_000

function createScene() {
  const scene = { now: 0 }
  const attempts = createAttempts({ steady: () => scene.now })
  const begin = (user: string, from: string) => attempts.begin(userId.parse(user), from)
  const fail = (times: number, user: string, fromOf: (at: number) => string) => {
    for (let at = 0; at < times; at += 1) begin(user, fromOf(at)).failed()
  }
  return { scene, attempts, begin, fail }
}

const tooMany = expect.objectContaining({ code: 'too-many-sign-ins' })
const atOnce = expect.objectContaining({ code: 'too-many-at-once', retryAfterSeconds: 1 })
const thrownBy = (work: () => unknown) => {
  try {
    work()
    return null
  } catch (error) {
    return error
  }
}

test('after 10 wrong passwords for one account from one address, it has to wait for 15 minutes', () => {
  const { scene, begin, fail } = createScene()
  fail(10, 'alice', () => '192.0.2.1')
  expect(thrownBy(() => begin('alice', '192.0.2.1'))).toMatchObject({ retryAfterSeconds: 900 })
  begin('bob', '192.0.2.1')
  begin('alice', '192.0.2.2')
  scene.now = 15 * minute
  begin('alice', '192.0.2.1')
})

test('after 60 wrong passwords from one address, or one network of IPv6, it has to wait, whatever the account', () => {
  const { begin, fail } = createScene()
  for (let at = 0; at < 60; at += 1) begin(`user${at}`, `2001:db8::${at}`).failed()
  expect(thrownBy(() => begin('alice', '2001:db8::99'))).toEqual(tooMany)
  begin('alice', '2001:db8:0:1::99')
  fail(1, 'bob', () => '192.0.2.1')
})

// Trouble (authority): a stranger types wrong passwords until the owner of the account is locked out
test('however many addresses fail at an account, its owner signs in from an address that did not', () => {
  const { begin, fail } = createScene()
  fail(100, 'alice', (at) => `192.0.2.${at}`)
  expect(thrownBy(() => begin('alice', '192.0.2.7'))).toEqual(tooMany) // it failed once only
  begin('alice', '198.51.100.1').succeeded()
  begin('alice', '198.51.100.1').succeeded()
  begin('bob', '192.0.2.7')
})

test('a success forgets what failed before it at that account, and no more', () => {
  const { attempts, begin, fail } = createScene()
  fail(9, 'alice', () => '192.0.2.1')
  begin('alice', '192.0.2.1').succeeded()
  fail(9, 'alice', () => '192.0.2.1')
  for (let at = 0; at < 42; at += 1) begin(`user${at}`, '192.0.2.1').failed()
  expect(thrownBy(() => begin('bob', '192.0.2.1'))).toEqual(tooMany) // 9 + 9 + 42
  expect(thrownBy(() => attempts.begin(alice, '192.0.2.1'))).toEqual(tooMany)
})

// Trouble (authority): a hundred guesses at one instant, before the first is found to be wrong
test('attempts under way may be wrong, and no more of them begin than may fail', () => {
  const { begin } = createScene()
  const attempts = Array.from({ length: 10 }, () => begin('alice', '192.0.2.1'))
  expect(thrownBy(() => begin('alice', '192.0.2.1'))).toEqual(atOnce)
  attempts[0]?.takeBack()
  attempts[0] = begin('alice', '192.0.2.1')
  for (const attempt of attempts.slice(1)) attempt.failed()
  expect(thrownBy(() => begin('alice', '192.0.2.1'))).toEqual(atOnce)
  attempts[0]?.failed()
  expect(thrownBy(() => begin('alice', '192.0.2.1'))).toEqual(tooMany)
})

// Trouble (authority): a program that signs in eleven times at one instant, with the right password, is locked out for 15 minutes
test('right passwords under way make nobody wait for longer than a second', () => {
  const { begin } = createScene()
  const ofOne = Array.from({ length: 10 }, () => begin('alice', '192.0.2.1'))
  expect(thrownBy(() => begin('alice', '192.0.2.1'))).toEqual(atOnce)
  const others = Array.from({ length: 50 }, (_, at) => begin(`user${at}`, '192.0.2.1'))
  expect(thrownBy(() => begin('bob', '192.0.2.1'))).toEqual(atOnce)
  for (const attempt of [...ofOne, ...others]) attempt.succeeded()
  begin('alice', '192.0.2.1')
})

test('answers of an identity provider under way are told from those that failed', () => {
  const { attempts } = createScene()
  const begun = Array.from({ length: 60 }, () => attempts.beginElsewhere('192.0.2.1'))
  expect(thrownBy(() => attempts.beginElsewhere('192.0.2.1'))).toEqual(atOnce)
  begun[0]?.takeBack()
  begun[0] = attempts.beginElsewhere('192.0.2.1')
  for (const attempt of begun) attempt.failed()
  expect(thrownBy(() => attempts.beginElsewhere('192.0.2.1'))).toEqual(tooMany)
})

// Trouble (authority): on the day on which a lab begins to use OpenID, it refuses many people behind one address
test('people whom the lab refuses lock out no address, unless one of them comes again and again', () => {
  const { attempts } = createScene()
  const refuse = (person: string) => attempts.beginElsewhere('192.0.2.1').refused(person)
  for (let at = 0; at < 200; at += 1) refuse(`person ${at}`)
  for (let at = 0; at < 9 + 60; at += 1) refuse('person 1')
  expect(thrownBy(() => attempts.beginElsewhere('192.0.2.1'))).toEqual(tooMany)
})
