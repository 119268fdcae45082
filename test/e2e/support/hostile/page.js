// The script of a hostile page. Each attempt gives what it came to know, in a text.
const base = document.title
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const within = (promise) =>
  Promise.race([promise.catch((error) => `refused: ${error.name}`), sleep(2_000).then(() => 'nothing')])
const textOf = async (answer) => (answer.type === 'opaque' ? 'opaque' : await answer.text())

/** An element that loads an address, and what its page may read of it. */
async function loaded(name, attributes) {
  const element = Object.assign(document.createElement(name), attributes)
  const over = new Promise((resolve) => {
    element.onload = resolve
    element.onerror = resolve
  })
  document.body.append(element)
  await Promise.race([over, sleep(1_500)])
  const text = element.contentDocument?.body?.textContent ?? 'kept away'
  element.remove()
  return text
}

/** Sends a form into a frame, and reads what the frame then shows. */
async function form(url) {
  const frame = Object.assign(document.createElement('iframe'), { name: `frame-${Math.random()}` })
  document.body.append(frame)
  const sent = Object.assign(document.createElement('form'), { method: 'post', action: url, target: frame.name })
  document.body.append(sent)
  const over = new Promise((resolve) => {
    frame.onload = () => frame.contentDocument?.URL !== 'about:blank' && resolve()
  })
  sent.submit()
  await Promise.race([over, sleep(1_500)])
  const text = frame.contentDocument?.body?.textContent ?? 'kept away'
  frame.remove()
  return text
}

/** Opens a window, and reads what it shows. */
async function opened(url) {
  const other = window.open(url)
  if (!other) return 'no window'
  try {
    for (let tries = 0; tries < 20; tries += 1) {
      await sleep(100)
      if (other.document.body?.textContent?.includes('This is')) break
    }
    return `${other.document.cookie} ${other.document.body?.textContent}`
  } catch (error) {
    return `refused: ${error.name}`
  } finally {
    other.close()
  }
}

function events(url) {
  const source = new EventSource(url, { withCredentials: true })
  return new Promise((resolve, reject) => {
    source.onmessage = ({ data }) => resolve(data)
    source.onerror = () => reject(new Error('closed'))
  }).finally(() => source.close())
}

function socket(url) {
  const other = new WebSocket(url.replace(/^http/, 'ws'))
  return new Promise((resolve, reject) => {
    other.onmessage = ({ data }) => resolve(data)
    other.onclose = () => reject(new Error('closed'))
  }).finally(() => other.close())
}

/** All ways in which a page can ask another address, or show it. */
const ways = {
  fetch: async (url) => textOf(await fetch(url, { credentials: 'include' })),
  post: async (url) =>
    textOf(await fetch(url, { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"name":"x"}' })),
  json: async (url) =>
    textOf(
      await fetch(url, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json' },
        body: '{"name":"x"}',
      }),
    ),
  remove: async (url) => textOf(await fetch(url, { method: 'DELETE', credentials: 'include' })),
  blind: async (url) => textOf(await fetch(url, { credentials: 'include', mode: 'no-cors' })),
  redirected: async (url) => textOf(await fetch(`${base}go?to=${encodeURIComponent(url)}`, { credentials: 'include' })),
  redirectedPost: async (url) =>
    textOf(
      await fetch(`${base}go?status=307&to=${encodeURIComponent(url)}`, {
        method: 'POST',
        credentials: 'include',
        mode: 'no-cors',
        body: '{"name":"x"}',
      }),
    ),
  beacon: async (url) => String(navigator.sendBeacon(url, '{"name":"x"}')),
  image: (url) => loaded('img', { src: url }),
  script: (url) => loaded('script', { src: url }),
  style: (url) => loaded('link', { rel: 'stylesheet', href: url }),
  prefetch: (url) => loaded('link', { rel: 'prefetch', href: url }),
  frame: (url) => loaded('iframe', { src: url }),
  sandboxed: (url) => loaded('iframe', { src: url, sandbox: 'allow-scripts allow-forms' }),
  framed: (url) => loaded('iframe', { srcdoc: `<iframe src="${url}"></iframe>` }),
  object: (url) => loaded('object', { data: url }),
  form,
  events,
  socket,
  opened,
}

/** Tries an address in all ways. */
async function tryAll(url) {
  const known = await Promise.all(Object.entries(ways).map(async ([name, way]) => [name, await within(way(url))]))
  return Object.fromEntries(known)
}

/** Sets cookies by script, and lets the program set them. */
async function setCookies(cookies) {
  // biome-ignore lint/suspicious/noDocumentCookie: a hostile page does
  for (const cookie of cookies) document.cookie = cookie
  await fetch(`${base}cookies?set=${encodeURIComponent(JSON.stringify(cookies))}`)
  return document.cookie
}

/** A service worker for as much as it can get; gives its scope. */
async function serviceWorker(scope) {
  await navigator.serviceWorker.register(`${base}worker.js`, { scope })
  return (await navigator.serviceWorker.ready).scope
}

/** The addresses of all requests that the service worker has seen. */
async function workerSaw() {
  const saw = await caches.open('saw')
  return (await saw.keys()).map(({ url }) => decodeURIComponent(new URL(url).search.slice(1)))
}

/** Shows addresses in frames, and leaves them there. */
async function showFrames(urls) {
  for (const url of urls) document.body.append(Object.assign(document.createElement('iframe'), { src: url }))
  await sleep(1_500)
}

/** The answers to requests of the page's own program, after one that was answered twice. */
async function afterTwoAnswers() {
  const texts = []
  for (let round = 0; round < 5; round += 1) {
    const asked = ['split', 'canary', 'canary', 'canary'].map((name) => fetch(`${base}${name}`).then(textOf, () => ''))
    texts.push(...(await Promise.all(asked)).slice(1))
  }
  return texts
}

/** Everything that goes on by itself, and how often each has succeeded since. */
function keepOn() {
  const count = { fetch: 0, socket: 0, events: 0 }
  setInterval(
    () =>
      fetch(`${base}alive`)
        .then(({ ok }) => {
          count.fetch += Number(ok)
        })
        .catch(() => {}),
    100,
  )
  const other = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${base}ws`)
  other.onopen = () => setInterval(() => other.readyState === 1 && other.send('alive'), 100)
  other.onmessage = () => (count.socket += 1)
  new EventSource(`${base}events`).onmessage = () => (count.events += 1)
  window.count = count
  window.isOpen = () => other.readyState === 1
}

window.hostile = { tryAll, setCookies, serviceWorker, workerSaw, showFrames, afterTwoAnswers, keepOn }
