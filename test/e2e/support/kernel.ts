import { randomUUID } from 'node:crypto'
import type { Notebook } from './notebook.ts'

/** A kernel of a notebook server, and one connection to it, like a page's. */
export type Kernel = {
  id: string
  /** Sends code to run, and does not wait for it. */
  begin(code: string): void
  /** Runs code and gives its output. */
  run(code: string): Promise<string>
  /** Sends the request that a page sends when it opens. */
  greet(): void
  leave(): void
}

const runLimitMs = 20_000

/** Starts a kernel and joins it. */
export async function startKernel(notebook: Notebook): Promise<Kernel> {
  const { body } = await notebook.jupyter('POST', 'kernels', { name: 'python3' })
  return joinKernel(notebook, body.id)
}

export async function joinKernel(notebook: Notebook, id: string): Promise<Kernel> {
  const socket = await notebook.socket(`kernels/${id}/channels`)
  const send = (type: string, content: object): string => {
    const message = randomUUID()
    const header = { msg_id: message, username: 'test', session: id, msg_type: type, version: '5.3', date: '' }
    const envelope = { header: { ...header, date: new Date().toISOString() }, parent_header: {}, metadata: {} }
    socket.send(JSON.stringify({ ...envelope, content, channel: 'shell', buffers: [] }))
    return message
  }
  const execute = (code: string) =>
    send('execute_request', {
      ...{ code, silent: false, store_history: true, user_expressions: {} },
      ...{ allow_stdin: false, stop_on_error: true },
    })

  return {
    id,
    begin: execute,
    run(code) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const timer = setTimeout(
        () => reject(new Error(`The kernel did not run in ${runLimitMs} ms: ${code}`)),
        runLimitMs,
      )
      let printed = ''
      const listen = ({ data }: MessageEvent) => {
        const { msg_type: type, parent_header: parent, content } = JSON.parse(data)
        if (parent.msg_id !== asked) return
        if (type === 'stream') printed += content.text
        if (type === 'error') reject(new Error(content.evalue))
        if (type === 'status' && content.execution_state === 'idle') resolve(printed)
      }
      socket.addEventListener('message', listen)
      const asked = execute(code)
      return promise.finally(() => {
        clearTimeout(timer)
        socket.removeEventListener('message', listen)
      })
    },
    greet: () => void send('kernel_info_request', {}),
    leave: () => socket.close(),
  }
}
