/** The service ends although clients keep their connections open. */

import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'

async function listening(lab: Lab): Promise<number> {
  await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  return (lab.service.app.server.address() as AddressInfo).port
}

/** Sends a request, and never reads a byte of the answer. */
function askAndWait(port: number, request: string): Socket {
  const socket = connect(port, '127.0.0.1').pause()
  socket.on('error', () => {})
  socket.write(request)
  onTestFinished(() => void socket.destroy())
  return socket
}

// Trouble (worst): somebody ends the service while a client reads nothing
test('the service ends although a client follows a log and reads nothing of it', async () => {
  await using lab = await openLab()
  const { body } = await lab
    .as(lab.adminToken)
    .post('/api/environments', { template: 'jupyterlab' })
    .set({ prefer: 'wait=20' })
  for (let lines = 0; lines < 500; lines += 1) lab.engine.say(body.id, 'stdout', 'x'.repeat(60_000))
  const port = await listening(lab)
  askAndWait(
    port,
    `GET /api/environments/${body.id}/logs?follow=true&tail=500 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${lab.adminToken}\r\n\r\n`,
  )
  await expect.poll(() => lab.engine.calls.some(({ name }) => name === 'followLogs')).toBe(true)
  await lab.close()
})

// Trouble (worst): somebody ends the service while a client has sent half a request
test('the service ends although a client has sent half a request', async () => {
  await using lab = await openLab()
  const port = await listening(lab)
  askAndWait(port, 'POST /api/environments HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{')
  await expect
    .poll(() => new Promise((resolve) => lab.service.app.server.getConnections((_, count) => resolve(count))))
    .toBe(1)
  await lab.close()
})
