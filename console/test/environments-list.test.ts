import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { environment } from './environment.ts'

vi.stubGlobal('document', { baseURI: 'http://lab.example/console/' })
const { listOptions, noteEnvironment } = await import('../src/api/environments.ts')

const key = ['environments', '']

/** A service that answers each request when the test says so. */
function fakeService() {
  const waiting: { answer: (names: readonly string[]) => void }[] = []
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    signal.addEventListener('abort', () => reject(signal.reason))
    const items = (names: readonly string[]) => names.map((id) => environment({ id }))
    waiting.push({ answer: (names) => resolve(Response.json({ items: items(names), next_cursor: null })) })
    return promise
  })
  return {
    next: () => vi.waitFor(() => waiting.shift() ?? Promise.reject(new Error('Nobody has asked.'))),
  }
}

// Trouble: A person leaves a page while its list is read again, and an old list stays for good.
test('a list whose second reading was left is read again by the next page, even if a change came meanwhile', async () => {
  const service = fakeService()
  const client = new QueryClient()
  const idsShown = () => client.getQueryData<{ id: string }[]>(key)?.map(({ id }) => id)
  const open = () => new QueryObserver(client, listOptions(client, key)).subscribe(() => {})

  const leave = open()
  ;(await service.next()).answer(['a'])
  await vi.waitFor(() => expect(idsShown()).toEqual(['a']))
  void client.invalidateQueries({ queryKey: key })
  await service.next()
  noteEnvironment(client, environment({ id: 'a', name: 'renamed' }))
  leave()

  const leaveAgain = open()
  ;(await service.next()).answer(['a', 'b'])
  await vi.waitFor(() => expect(idsShown()).toEqual(['a', 'b']))
  leaveAgain()
  client.clear()
})
