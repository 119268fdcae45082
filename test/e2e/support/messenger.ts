import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Request = (url: string, options?: RequestInit) => Promise<Response>

type Answer = { error: string } | { status: number; headers: [string, string][]; text: string }

// Reads a request from each line of its input, and writes each answer on a line.
const program = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { at, url, options } = JSON.parse(line)
  fetch(url, options)
    .then(async (answer) => ({ status: answer.status, headers: [...answer.headers], text: await answer.text() }))
    .catch((error) => ({ error: String(error.cause ?? error) }))
    .then((answer) => console.log(JSON.stringify({ at, ...answer })))
}`

/** Sends requests from a process in another network, which `through` enters: a command that runs another command. */
export function startMessenger(through: string[]): { request: Request; end(): void } {
  const [command = '', ...args] = [...through, process.execPath, '--input-type=module', '--eval', program]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, (answer: Answer) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { at, ...answer } = JSON.parse(line)
    waiting.get(at)?.(answer)
    waiting.delete(at)
  })
  child.once('close', () => {
    for (const settle of waiting.values()) settle({ error: 'The process in the other network has ended.' })
  })
  let sent = 0
  return {
    async request(url, options = {}) {
      sent += 1
      const { promise, resolve } = Promise.withResolvers<Answer>()
      waiting.set(sent, resolve)
      child.stdin.write(`${JSON.stringify({ at: sent, url, options })}\n`)
      const answer = await promise
      if ('error' in answer) throw new Error(answer.error)
      return new Response(answer.text, answer)
    },
    end: () => void child.stdin.end(),
  }
}
