import { expect, test } from 'vitest'
import { startBanner } from '../../../src/assembly/start-banner.ts'
import { waitingNotice } from '../../../src/assembly/waiting-notice.ts'

const up = { url: 'http://localhost:5555', tokenFile: "/srv/Müller's lab/admin/first-admin-token" }

// Trouble (first-hour): the banner promises that environments go on, and the engine is stopped with the service
test('the banner says what Ctrl-C stops', () => {
  expect(startBanner({ ...up, stopsEngine: false })).toContain('Ctrl-C stops the service; environments go on.')
  const words = startBanner({ ...up, stopsEngine: true })
  expect(words).toContain('the engine that was started for it')
  expect(words).not.toContain('go on')
})

test("the banner's command can be copied whatever the path is", () => {
  expect(startBanner({ ...up, stopsEngine: false })).toContain(`$(cat '/srv/Müller'\\''s lab/admin/first-admin-token')`)
})

// Trouble (first-hour): the service waits for ever, with the cure at the end of a long log line
test('a service that waits says what is seen, why, and the two ways on, in lines that fit a terminal', () => {
  const words = waitingNotice({
    code: 'data-root-missing',
    detail: 'The engine knows root r at /srv/lab; /srv/lab holds no data root: is the disk mounted?',
    remedy: 'There are two ways on. Mount the disk: … Or, only if that root is gone for good …: ailab forget-root',
  })
  const order = ['Seen: ', 'The engine knows root r', 'Why: ', 'To do: ', 'Mount the disk', 'bin/ailab', 'forget-root']
  const places = order.map((part) => words.indexOf(part))
  expect(places).toEqual(places.toSorted((one, two) => one - two))
  expect(places).not.toContain(-1)
  expect(words.split('\n').every((line) => line.length <= 102)).toBe(true)
})
