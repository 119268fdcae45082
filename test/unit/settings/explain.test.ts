import { expect, test } from 'vitest'
import { ConfigError } from '../../../src/settings/config.ts'
import { explain, inWords } from '../../../src/settings/explain.ts'

const again = 'Make room: the next start goes on where this one was.'

const words = (error: unknown) => inWords(explain(error))

function failure(code: string, message = 'it broke'): Error {
  return Object.assign(new Error(message), { code })
}

// Trouble (first-hour): npm was killed, its service goes on, and the next start names no process to end
test('the words for mistakes of the configuration and a taken port say what to do', () => {
  expect(words(new ConfigError('PORT: a number'))).toBe(
    'The configuration is wrong:\nPORT: a number\nproduction.env.example explains each setting.',
  )
  const taken = Object.assign(failure('EADDRINUSE', 'listen EADDRINUSE: 127.0.0.1:5555'), { port: 5555 })
  expect(words(taken)).toBe(
    "listen EADDRINUSE: 127.0.0.1:5555\nAnother program, perhaps an earlier start of this service, listens there (ss -ltnp 'sport = :5555' shows which). Stop it, or set another PORT or GATEWAY_PORT.",
  )
})

test('the words for a lock of another process leave out the words of the database', () => {
  const locked = new Error('Another backend works here.', { cause: failure('SQLITE_BUSY', 'database is locked') })
  expect(words(locked)).toBe('Another backend works here.')
})

test.each(['ENOSPC', 'SQLITE_FULL'])('a full disk (%s) is called that, also when it is only the cause', (code) => {
  expect(words(failure(code))).toBe(`it broke\nThe disk is full: df -h shows its room, df -i its inodes. ${again}`)
  expect(words(new Error('The tables could not be made', { cause: failure(code) }))).toBe(
    `The tables could not be made\nThe reason: it broke\nThe disk is full: df -h shows its room, df -i its inodes. ${again}`,
  )
})

test('an error that may be a full or a broken disk is called a guess', () => {
  expect(words(failure('SQLITE_IOERR_WRITE'))).toBe(
    `it broke\nThe disk may be full or broken, or its quota used up: check it with df. ${again}`,
  )
})

test('any other error keeps its own words', () => {
  expect(words(failure('EACCES'))).toBe('it broke')
  expect(words('no error at all')).toBe('no error at all')
})

// Trouble (worst): Node.js has no name for a used-up quota, so that nothing recognises it
test('a used-up quota is called that, although Node.js has no name for it', () => {
  const unnamed = Object.assign(new Error('Unknown system error -122, write'), { errno: -122 })
  expect(words(unnamed)).toContain(`The quota of the disk is used up. ${again}`)
})
