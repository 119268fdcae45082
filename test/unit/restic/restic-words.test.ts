import { expect, test } from 'vitest'
import { meaningOf, messageOf, resticProblem, wordsOf } from '../../../src/restic/restic-words.ts'

test('errors of restic 0.14 in words and of 0.18 in JSON mean the same', () => {
  const older = ['reading repository password from stdin', 'Fatal: wrong password or no key found']
  const newer = ['{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}']
  for (const lines of [older, newer]) expect(meaningOf(wordsOf(lines))).toBe('wrong-key')
  expect(wordsOf(older)).toBe('Fatal: wrong password or no key found')
})

test.each([
  [
    'Fatal: unable to open config file: stat /r/config: no such file or directory\nIs there a repository at the following location?',
    'absent',
  ],
  ['Fatal: repository does not exist: unable to open config file', 'absent'],
  ['unable to create lock in backend: repository is already locked by PID 1 on ai-lab-restic-1', 'locked'],
  ['Fatal: unable to save snapshot: write /r/data/ab: no space left on device', 'full'],
  ['ignoring error for /data/a: write /restored/data/a: disk quota exceeded', 'full'],
  ['Fatal: repository contains errors', 'damaged'],
  ['something else', 'other'],
] as const)('%s', (words, meaning) => {
  expect(meaningOf(words)).toBe(meaning)
})

test('a full disk, damage and all else are different problems, and only administrators read the words of restic', () => {
  expect(resticProblem('back up shared', 'no space left on device', 1)).toMatchObject({ code: 'no-room' })
  expect(resticProblem('check', 'Fatal: repository contains errors', 1)).toMatchObject({ code: 'backup-damaged' })
  const restoring = resticProblem('restore shared', 'disk quota exceeded', 1, 'There is too little room.')
  expect(restoring).toMatchObject({ code: 'no-room', detail: 'There is too little room.' })
  const killed = resticProblem('back up shared', '', 137)
  expect(killed).toMatchObject({
    code: 'backup-repository-unusable',
    detail: 'The backup program was killed.',
    adminDetail: 'The backup program was killed. Could not back up shared: restic ended with code 137',
  })
})

// Trouble (files): a person gives a file a name that reads like the words for a full or damaged repository
test.each([
  '{"message_type":"error","error":{"Op":"open","Path":"/data/repository is damaged","Err":13},"during":"archival","item":"/data/repository is damaged"}',
  '{"message_type":"error","error":{"message":"open /data/no space left on device: no such file or directory"},"during":"scan","item":"/data/no space left on device"}',
])('the name of a file that a backup could not read says nothing of the repository: %s', (line) => {
  expect(wordsOf([line, 'Fatal: unable to save snapshot'])).toBe('Fatal: unable to save snapshot')
})

test('a program that was killed says nothing of the repository', () => {
  expect(resticProblem('back up shared', 'write /repository/data/ab: no space left on device', 137)).toMatchObject({
    code: 'backup-repository-unusable',
    detail: 'The backup program was killed.',
  })
})

test('files that a restore could not write tell why it failed', () => {
  const line =
    '{"message_type":"error","error":{"message":"write /restored/data/a: no space left on device"},"during":"restore","item":"/data/a"}'
  expect(meaningOf(wordsOf([line, 'Fatal: There were 1 errors']))).toBe('full')
})

test('a line that is no JSON is no message', () => {
  expect(messageOf('{"message_type":"status"}')).toEqual({ message_type: 'status' })
  expect(messageOf('{ broken')).toBeNull()
  expect(messageOf('words')).toBeNull()
})
