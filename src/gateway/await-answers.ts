import type { Server } from 'node:http'
import type { Socket } from 'node:net'

const silenceMs = 1_000

/**
 * Lets a client end its side of a connection once it has asked, and still get its answers: Node would close the connection at once.
 *
 * A client that is gone looks the same until something is sent to it. So if nothing is sent for a second, the client counts as gone,
 * and the environment does not work on for nobody. A WebSocket is not ended here: Node lets go of its connection, and `splice` ends it.
 */
export function awaitAnswers(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true }) // Node's documents do not name it
  server.on('connection', (socket) => socket.once('end', endInSilence))
}

function endInSilence(this: Socket): void {
  this.setTimeout(silenceMs) // then Node's server destroys it
}
