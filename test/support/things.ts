import type { Callers } from './callers.ts'

/** What a person has, and asks for by its id. */
export type Thing = 'environment' | 'token' | 'session' | 'upload' | 'trashed entry' | 'job'

let made = 0

/** Makes such a thing for the owner, which nothing else needs; gives its id. */
export async function make(thing: Thing, { open, signIn }: Callers): Promise<string> {
  const { client } = open.owner
  const files = '/api/users/owner@lab/files'
  made += 1
  switch (thing) {
    case 'environment':
      return await open.lab.withRecords(async (store) => {
        const record = await store.get(open.id)
        if (!record) throw new Error('The environment is gone.')
        const id = `ai-lab-jupyterlab-${String(made).padStart(6, 'a')}`
        await store.insert({ ...record, id, desired: 'stopped' }, { claim: null, atMost: 1_000 })
        return id
      })
    case 'token':
      return (await client.post('/api/tokens', { name: 'x' }).expect(201)).body.id
    case 'session': {
      const { body } = await open.lab
        .as({ cookie: await signIn() })
        .get('/api/sessions')
        .expect(200)
      return body.items.find(({ current }: { current: boolean }) => current).id
    }
    case 'upload': {
      const to = Buffer.from(`${files}/uploaded-${made}`).toString('base64')
      const about = { 'tus-resumable': '1.0.0', 'upload-length': '5', 'upload-metadata': `to ${to}` }
      const { headers } = await client.post('/api/uploads').set(about).expect(201)
      return headers.location?.split('/').at(-1) ?? ''
    }
    case 'trashed entry': {
      await client.post(`${files}/gone-${made}`, { op: 'make-folder' }).expect(201)
      return (await client.delete(`${files}/gone-${made}`).expect(200)).body.id
    }
    case 'job': {
      await client.post(`${files}/copied-${made}`, { op: 'make-folder' }).expect(201)
      return (await client.post(`${files}/copied-${made}`, { op: 'copy', to: `copy-${made}` }).expect(202)).body.id
    }
  }
}
