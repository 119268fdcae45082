import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { onInterruption } from '../../../src/lib/on-interruption.ts'

// Trouble (first-hour): one Ctrl-C reaches the service twice, from the terminal and from npm
test('one Ctrl-C that arrives twice ends the service politely; another, a second later, ends it at once', () => {
  const source = new EventEmitter()
  const heard: string[] = []
  let now = 0
  const off = onInterruption(
    () => heard.push('end'),
    () => heard.push('abruptly'),
    { source, now: () => now },
  )
  source.emit('SIGINT')
  now = 999
  source.emit('SIGINT')
  source.emit('SIGTERM')
  expect(heard).toEqual(['end'])
  now = 1_000
  source.emit('SIGINT')
  expect(heard).toEqual(['end', 'abruptly'])
  off()
  expect(source.eventNames()).toEqual([])
})
