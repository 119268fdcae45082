import { expect, test, vi } from 'vitest'
import { environment } from './environment.ts'

const page = new EventTarget()
const { promise: answer, resolve: giveAnswer } = Promise.withResolvers<Response>()
vi.stubGlobal('document', { baseURI: 'http://lab.example/console/' })
vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
vi.stubGlobal('fetch', () => answer)

const { beginRun, stopRun } = await import('../src/all/run.ts')
const isAskedToStay = () => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }))

// Trouble (browser): somebody closes the tab, and an act on many environments breaks off in the middle
test('while an act on many environments is going, the browser asks before the tab is closed', async () => {
  const list = [environment({ id: '1' })]
  const stopped = beginRun('stop', list)
  expect(isAskedToStay()).toBe(true)
  stopRun()
  expect(isAskedToStay()).toBe(false)
  giveAnswer(new Response(null, { status: 204 }))
  await stopped

  const whole = beginRun('stop', list)
  expect(isAskedToStay()).toBe(true)
  await whole
  expect(isAskedToStay()).toBe(false)
})
