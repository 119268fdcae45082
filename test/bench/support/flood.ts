import { setTimeout as sleep } from 'node:timers/promises'
import { docker } from '../../e2e/support/docker.ts'
import { createRunning } from './environments.ts'
import type { Person } from './people.ts'
import { type Client, createClient } from './request.ts'

// Each asks again right after its answer, or a little later after a refusal or an answer that came at once.
const askersOfEach = 10
const pauseMs = 500

/** Asks for everything at once, until the result is disposed. */
export type Flood = () => AsyncDisposable

/**
 * All expensive requests of one person about one environment with a log of 30 MB, wrong tokens beside them, and an
 * administrator who has everything proven again and again. `answers` counts the answers by their status.
 */
export async function prepareFlood(person: Person, admin: Client, answers: Map<number, number>): Promise<Flood> {
  const { id } = await createRunning(person.api)
  const script = 'yes "$(head -c 3000 /dev/zero | tr "\\\\0" x)" | head -n 10500 > /proc/1/fd/1'
  await docker('exec', id, 'sh', '-c', script)
  const path = `/api/environments/${id}`
  const wrong = createClient({ port: Number(new URL(person.url).port) }, { headers: { authorization: 'Bearer wrong' } })
  const wait = { body: { template: 'jupyterlab' }, headers: { prefer: 'wait=55', 'idempotency-key': 'again' } }
  await person.api('POST', '/api/environments', wait)
  const asks: ((signal: AbortSignal) => Promise<{ status: number }>)[] = [
    (signal) => person.api('GET', `${path}/logs?tail=10000`, { signal }),
    (signal) => person.api('GET', `${path}/logs?tail=10000&follow=true`, { signal }),
    (signal) => person.api('GET', `${path}/stats`, { signal }),
    (signal) => person.api('GET', `${path}/mounts`, { signal }),
    (signal) => person.api('GET', `${path}/events?follow=true`, { signal }),
    (signal) => person.api('POST', '/api/environments', { ...wait, signal }),
    (signal) => admin('POST', '/api/data/consistency', { signal }),
    (signal) => wrong('GET', path, { signal }),
  ]

  async function askOn(ask: (typeof asks)[number], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const status = (await ask(signal).catch(() => null))?.status
      if (status === undefined) continue
      answers.set(status, (answers.get(status) ?? 0) + 1)
      if (status === 202 || status >= 400) await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  return () => {
    const ending = new AbortController()
    const askers = asks.flatMap((ask) => Array.from({ length: askersOfEach }, () => askOn(ask, ending.signal)))
    return {
      async [Symbol.asyncDispose]() {
        ending.abort()
        await Promise.all(askers)
      },
    }
  }
}
