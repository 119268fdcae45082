// Runs in an environment: a program that knows nothing of where it is served. All its paths begin at the root. Like
// code-server it knows the platform by a cookie with its own secret, and takes WebSockets of its own origin only.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

const login = '<form method="post" action="/login"><label>Name <input name="name"></label><button>Enter</button></form>'
const home = (name) => `<h1>Hello ${name}</h1><a href="/about">About</a> <output></output> <ol></ol>`
const page = (body) =>
  `<!doctype html><title>Program</title><link rel="stylesheet" href="/static/style.css"><body>${body}<script src="/static/page.js"></script>`
const script = `
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket')
  socket.onopen = () => socket.send('from the page')
  socket.onmessage = ({ data }) => (document.querySelector('output').textContent = data)
  const list = document.querySelector('ol')
  if (list) new EventSource('/events').onmessage = ({ data }) => list.append(data + ' ')`

const cookie = (headers, name) => new RegExp(`\\b${name}=([\\w-]+)`).exec(headers.cookie)?.[1]
const comesByGateway = (headers) => cookie(headers, 'code-server-session') === process.env.HASHED_PASSWORD
/** Reads `Forwarded` as code-server does: quotes are a part of the name. */
function isOwnOrigin({ origin, forwarded, host }) {
  return origin === undefined || new URL(origin).host === (/\bhost=([^;,]*)/.exec(forwarded)?.[1] ?? host)
}

const server = createServer(async (request, response) => {
  const answer = (type, body) => response.writeHead(200, { 'content-type': type }).end(body)
  const redirect = (location, headers = {}) => response.writeHead(303, { location, ...headers }).end()
  const name = cookie(request.headers, 'name')
  if (request.url !== '/healthz' && !comesByGateway(request.headers)) return response.writeHead(401).end()
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return name ? answer('text/html', page(home(name))) : redirect('/login')
    case 'GET /login':
      return answer('text/html', page(login))
    case 'POST /login': {
      let form = ''
      for await (const part of request) form += part
      return redirect('/', { 'set-cookie': `${form}; Path=/; HttpOnly` })
    }
    case 'GET /about':
      return answer('text/html', page('<h1>About</h1>'))
    case 'GET /static/style.css':
      return answer('text/css', 'h1 { color: rgb(1, 2, 3) }')
    case 'GET /static/page.js':
      return answer('text/javascript', script)
    case 'GET /events': {
      let count = 0
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const timer = setInterval(() => {
        count += 1
        response.write(`data: ${count}\n\n`)
      }, 100)
      return response.once('close', () => clearInterval(timer))
    }
    case 'GET /healthz':
      return answer('text/plain', 'healthy')
    default:
      return response.writeHead(404).end()
  }
})

// Answers each message of up to 125 octets with the name in the cookie of the handshake, and the message (RFC 6455, 5.2).
server.on('upgrade', ({ url, headers }, socket) => {
  if (url !== '/socket' || !comesByGateway(headers) || !isOwnOrigin(headers)) return socket.destroy()
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade']
  socket.write(`${lines.join('\r\n')}\r\nsec-websocket-accept: ${accept}\r\n\r\n`)
  socket.on('error', () => socket.destroy())
  socket.on('data', (frame) => {
    if ((frame[0] & 15) !== 1) return socket.end()
    const mask = frame.subarray(2, 6)
    const said = frame.subarray(6).map((octet, at) => octet ^ mask[at % 4])
    const text = Buffer.from(`${cookie(headers, 'name') ?? 'nobody'}: ${Buffer.from(said)}`)
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]))
  })
})

process.on('SIGTERM', () => process.exit())
server.listen(8080)
