import { expect, test } from 'vitest'
import { isLoopback } from '../../../src/lib/is-loopback.ts'

const nameIn = (url: string) => isLoopback(new URL(url).hostname)

test('names of this machine, in every form that a URL has', () => {
  for (const host of ['localhost', 'LOCALHOST', 'login.localhost', '127.0.0.1', '127.1.2.3', '0x7f.1', '[::1]']) {
    expect([host, nameIn(`http://${host}`)]).toEqual([host, true])
  }
  for (const host of [
    'localhost.example.org',
    '127.0.0.1.example.org',
    'notlocalhost',
    '128.0.0.1',
    '[::2]',
    '0.0.0.0',
  ]) {
    expect([host, nameIn(`http://${host}`)]).toEqual([host, false])
  }
})
