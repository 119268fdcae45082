import { expect, test } from 'vitest'
import type { ServerAnswer } from '../../../src/domain/idle/jupyter-activity.ts'
import { askServer, type GetText } from '../../../src/idleness/ask-server.ts'

const never = new AbortController().signal

/** Asks a server that answers these paths, and never ends its other answers; `cut` has the reasons why those ended. */
async function ask(answers: Record<string, ServerAnswer | null>) {
  const cut = new Set<string>()
  const getText: GetText = (url, { signal }) => {
    const path = Object.keys(answers).find((each) => url.includes(each))
    if (path) return Promise.resolve(answers[path] ?? null)
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => {
        cut.add(signal.reason.name)
        resolve(null)
      }),
    )
  }
  const address = { host: '127.0.0.1', port: 1 }
  const look = await askServer({ id: 'e1', token: 's' }, address, { getText, signal: never })
  return { look, cut: [...cut] }
}

function answer(body: string, status = 200): ServerAnswer {
  return { status, body, date: 'Tue, 24 Nov 2026 19:08:53 GMT' }
}

test('a server with kernels and terminals but without metrics still gives its activity', async () => {
  const { look } = await ask({ kernels: answer('[]'), terminals: answer('[]'), metrics: answer('', 403) })
  expect(look).toMatchObject({ busy: false, saves: null })
})

test('the service gives up a server that never ends its answers', async () => {
  expect(await ask({ kernels: answer('[]'), terminals: answer('[]') })).toMatchObject({ cut: ['TimeoutError'] })
})

// Trouble (worst): a server reports nonsense about its kernels
test.each([
  ['kernels', answer('<html>')],
  ['kernels', answer('', 404)],
  ['terminals', answer('{}')],
  ['terminals', null],
])('a useless answer about %s ends the look at once: %j', async (path, senseless) => {
  expect(await ask({ [path]: senseless })).toEqual({ look: null, cut: ['AbortError'] })
})
