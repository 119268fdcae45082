// The service worker of a hostile page: notes all requests of its scope, and can keep a code and a page for itself.
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const { url } = event.request
  event.waitUntil(caches.open('saw').then((saw) => saw.put(`/saw?${encodeURIComponent(url)}`, new Response())))
  if (url.includes('.ai-lab/enter?') && url.includes('withheld')) event.respondWith(new Response('kept the code'))
  if (url.includes('from-the-worker'))
    event.respondWith(new Response('from the worker', { headers: { 'content-type': 'text/html' } }))
})
