import { expect, test } from 'vitest'
import { findingsInWords } from '../../../src/assembly/findings-in-words.ts'
import { startBanner } from '../../../src/assembly/start-banner.ts'
import { waitingNotice } from '../../../src/assembly/waiting-notice.ts'

const up = { url: 'http://localhost:5555', link: null, tokenFile: "/srv/Müller's lab/admin/first-admin-token" }

// Trouble (first-hour): the banner promises that environments go on, although the engine stops with the service
test('the banner says what Ctrl-C stops', () => {
  expect(startBanner({ ...up, stopsEngine: false })).toContain('Ctrl-C stops the service; environments go on.')
  const words = startBanner({ ...up, stopsEngine: true })
  expect(words).toContain('the engine that was started for it')
  expect(words).not.toContain('go on')
})

test("the banner's command can be copied for any path", () => {
  expect(startBanner({ ...up, stopsEngine: false })).toContain(`$(cat '/srv/Müller'\\''s lab/admin/first-admin-token')`)
})

test('the banner has the link that signs the first administrator in, while there is one', () => {
  const link = 'http://localhost:5555/sign-in/link/code'
  expect(startBanner({ ...up, link, stopsEngine: false })).toContain(link)
  expect(startBanner({ ...up, stopsEngine: false })).toContain('http://localhost:5555/sign-in\n')
})

// Trouble (first-hour): the service waits for ever, with the cure at the end of a long log line
test('a waiting service says what it sees, why, and the two ways on, in lines that fit a terminal', () => {
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

// Trouble (first-hour): the terminal shows findings as lines of JSON, with escaped quotes in the command
test('the terminal shows findings as sentences, and does not repeat a finding that is the line itself', () => {
  const finding = {
    code: 'marker-missing',
    detail: 'The marker is missing.',
    remedy: "Run: touch '/srv/my lab' or ailab doctor",
  }
  expect(findingsInWords(finding)).toBe('marker-missing')
  expect(findingsInWords([finding])).toBe(
    "\n      marker-missing: The marker is missing.\n      Run: touch '/srv/my lab' or bin/ailab doctor",
  )
})
