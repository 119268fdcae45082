import { type Client, expectStatus } from './request.ts'

const atOnce = 20

/** Sends so many GET requests, 20 at a time; each must get 200. */
export async function sendMany(client: Client, path: string, count: number, signal: AbortSignal): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      signal.throwIfAborted()
      await expectStatus(client('GET', path), 200)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
